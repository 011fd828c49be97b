// if service
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
// end
import { join } from "node:path";
import { startNginx, type TestNginx } from "@slipway/kit/testing/nginx.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

const parts = new AsyncDisposableStack();
let nginx: TestNginx;

beforeAll(async () => {
  const upstreams: string[] = [];
  // if service
  const api = createServer((request, response) => response.end(`asked for ${request.url}`)).listen(0, "127.0.0.1");
  await once(api, "listening");
  parts.defer(() => void api.close());
  upstreams.push(`127.0.0.1:${(api.address() as AddressInfo).port}`);
  // end
  const shared = join(import.meta.dirname, "../../ui/nginx");
  const folder = import.meta.dirname;
  nginx = parts.use(
    await startNginx(folder, upstreams, {
      folders: { ui: shared },
      // if page
      html: join(folder, "html"),
      // end
    }),
  );
});
afterAll(() => parts.disposeAsync());

const get = (path: string) => fetch(`http://127.0.0.1:${nginx.port}${path}`, { redirect: "manual" });

// if page
test("the page comes with its headers", async () => {
  const page = await get("/");
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("<title>APP</title>");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await get("/page.css")).headers.get("content-type")).toContain("text/css");
  expect((await get("/nothing")).status).toBe(404);
});
// end
// if !page
test("who comes without a path is led to the documentation", async () => {
  const { status, headers } = await get("/");
  expect([status, headers.get("location")]).toEqual([302, "/docs"]);
});
// end
// if service

test("the service is asked, and not for its health", async () => {
  for (const path of ["/api/hello", "/docs", "/openapi.json"])
    expect(await (await get(path)).text()).toBe(`asked for ${path}`);
  expect((await get("/health/ready")).status).toBe(404);
});
// end
