import { expect, it } from "vitest";
import { discoverImages } from "./image.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { refuseDeepDockerfiles } from "./stray.ts";

it("refuses a Dockerfile deeper in an image's folder, also one that the image does not let in", async () => {
  await using repository = await temporaryRepository();
  const files = {
    "apps/shop/api/Dockerfile": "FROM scratch",
    "apps/shop/api/Dockerfile.dockerignore": "*\n!apps/shop/api/src\n",
    "apps/shop/api/.devcontainer/Dockerfile": "FROM scratch",
    "apps/shop/api/src/dockerfile.ts": "",
  };
  await commitFiles(repository.path, files);
  const images = await discoverImages(repository.path);
  await expect(refuseDeepDockerfiles(repository.path, images, "HEAD")).resolves.toBeUndefined();
  await commitFiles(repository.path, { "apps/shop/api/worker/Dockerfile": "", "apps/shop/api/src/x/dockerfile": "" });
  await expect(refuseDeepDockerfiles(repository.path, images, "HEAD")).rejects.toThrow(
    /^apps\/shop\/api\/src\/x\/dockerfile makes no image.*\napps\/shop\/api\/worker\/Dockerfile makes no image[^\n]*$/,
  );
});
