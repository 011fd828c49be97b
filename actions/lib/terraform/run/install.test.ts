import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../core/process.ts";
import { ensureTerraform } from "./install.ts";

const name = `${platform()}_${arch() === "x64" ? "amd64" : arch()}`;
const program = strToU8("#!/bin/sh\necho installed\n");
const archive = zipSync({ "LICENSE.txt": strToU8("text"), terraform: program });
const checksum = createHash("sha256").update(archive).digest("hex");

let folder: string;
let server: Server;
let requests: string[];
let status: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-install-"));
  await mkdir(join(folder, "bin"));
  requests = [];
  status = 200;
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(status).end(status === 200 ? archive : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** Installs from our server into our folder; PATH holds only `bin`. */
function ensure(checksums: Record<string, string> = { [name]: checksum }): Promise<string> {
  return ensureTerraform({
    env: { PATH: join(folder, "bin"), RUNNER_TOOL_CACHE: join(folder, "tools") },
    releases: `http://127.0.0.1:${(server.address() as AddressInfo).port}/terraform`,
    version: "1.11.9",
    checksums,
  });
}

async function putOnPath(version: string): Promise<void> {
  const file = join(folder, "bin", "terraform");
  await writeFile(file, `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`);
  await chmod(file, 0o755);
}

test("what is missing is downloaded, checked and kept for the next time", async () => {
  const first = await ensure();
  expect((await run(first, [])).stdout).toBe("installed\n");
  expect(await ensure()).toBe(first);
  expect(requests).toEqual([`/terraform/1.11.9/terraform_1.11.9_${name}.zip`]);
});

test("a Terraform on PATH that serves is used; one that is too old is not", async () => {
  await putOnPath("1.12.1");
  expect(await ensure()).toBe(join(folder, "bin", "terraform"));
  expect(requests).toEqual([]);
  await putOnPath("1.5.7");
  expect(await ensure()).toContain(join(folder, "tools"));
});

test("the script that hashicorp/setup-terraform puts before Terraform is passed by", async () => {
  await putOnPath("1.12.1");
  await rename(join(folder, "bin", "terraform"), join(folder, "bin", "terraform-bin"));
  await writeFile(join(folder, "bin", "terraform"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  expect(await ensure()).toBe(join(folder, "bin", "terraform-bin"));
});

test("a banner before the version does no harm, and one that tells no version does not serve", async () => {
  const file = join(folder, "bin", "terraform");
  const version = '{"terraform_version":"1.12.1"}';
  await writeFile(file, `#!/bin/sh\necho '[command]terraform version'\necho '${version}'\n`, { mode: 0o755 });
  expect(await ensure()).toBe(file);
  for (const output of ["banner", `{ banner }\n${version}`, '{"version":1}']) {
    await writeFile(file, `#!/bin/sh\necho '${output}'\n`, { mode: 0o755 });
    expect(await ensure(), output).toContain(join(folder, "tools"));
  }
});

test("a wrong checksum is an error that names both, and nothing is installed", async () => {
  const wrong = "0".repeat(64);
  await expect(ensure({ [name]: wrong })).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`${checksum}, not ${wrong}`)),
    reason: "checksum-mismatch",
  });
  await expect(readdir(join(folder, "tools"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a platform without a checksum is an error before anything is downloaded", async () => {
  await expect(ensure({})).rejects.toThrow(`No checksum of Terraform 1.11.9 is known for ${name}`);
  expect(requests).toEqual([]);
});

test("a release that is not there is tried again, then named", async () => {
  status = 404;
  await expect(ensure()).rejects.toThrow(/terraform_1\.11\.9_.*could not be downloaded \(HTTP 404, 3 times\)/);
  expect(requests).toHaveLength(3);
});
