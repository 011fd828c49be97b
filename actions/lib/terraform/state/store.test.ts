import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import { close, listen } from "../../../../scripts/rehearsal/tools/listening.ts";
import { openStateStore } from "./store.ts";

test("a look that is refused says which permissions are missing, although its answer has no body", async () => {
  const server = createServer((_request, response) => response.writeHead(403).end());
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${await listen(server)}`);
  try {
    const store = openStateStore({
      bucket: "demo",
      region: "us-east-1",
      credentials: { accessKeyId: "none", secretAccessKey: "none" },
    });
    await expect(store.tag("a.tfstate")).rejects.toMatchObject({
      message: expect.stringContaining("Cannot read a.tfstate in the state bucket demo (AccessDenied"),
      next: expect.stringContaining("s3:ListBucket"),
    });
  } finally {
    vi.unstubAllEnvs();
    await close(server);
  }
});
