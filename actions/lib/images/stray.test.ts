import { expect, it } from "vitest";
import { discoverImages } from "./image.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { refuseDeepDockerfiles } from "./stray.ts";

it("refuses a Dockerfile deeper in an image's folder, also one that the image does not let in", async () => {
  await using repository = await temporaryRepository();
  const files = {
    "apps/demo/api/Dockerfile": "FROM scratch",
    "apps/demo/api/Dockerfile.dockerignore": "*\n!apps/demo/api/src\n",
    "apps/demo/api/.devcontainer/Dockerfile": "FROM scratch",
    "apps/demo/api/src/dockerfile.ts": "",
  };
  await commitFiles(repository.path, files);
  const images = await discoverImages(repository.path);
  await expect(refuseDeepDockerfiles(repository.path, images, "HEAD")).resolves.toBeUndefined();
  await commitFiles(repository.path, { "apps/demo/api/worker/Dockerfile": "", "apps/demo/api/src/x/dockerfile": "" });
  await expect(refuseDeepDockerfiles(repository.path, images, "HEAD")).rejects.toThrow(
    /^apps\/demo\/api\/src\/x\/dockerfile makes no image.*\napps\/demo\/api\/worker\/Dockerfile makes no image[^\n]*$/,
  );
});
