import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findProviders } from "./terraform.ts";

let folder: string;
let mirror: string;
beforeEach(async () => {
  vi.stubEnv("SLIPWAY_CACHE", join(tmpdir(), `slipway-cache-${process.pid}`));
  folder = await mkdtemp(join(tmpdir(), "slipway-mirror-"));
  mirror = join(folder, "mirror");
  await mkdir(join(mirror, "registry.terraform.io/hashicorp/aws"), { recursive: true });
});
afterEach(async () => {
  await rm(process.env.SLIPWAY_CACHE ?? "", { recursive: true, force: true });
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Nothing but a settings file, by which Terraform takes every provider from `mirror`. */
async function expectMirror(found: NodeJS.ProcessEnv): Promise<void> {
  const { TF_CLI_CONFIG_FILE: settings = "", ...rest } = found;
  expect(rest).toEqual({});
  expect(await readFile(settings, "utf8")).toContain(`filesystem_mirror {\n    path = "${mirror}"`);
}

const online = async () => true;
const offline = async () => false;

test("where the registry answers, nothing is changed", async () => {
  expect(await findProviders({}, [mirror], online)).toEqual({});
});

test("where it does not, the first mirror that holds the provider is used", async () => {
  const places = [join(folder, "none"), folder, mirror];
  await expectMirror(await findProviders({}, places, offline));
});

test("a mirror that is named is used, online too; one that holds nothing is an error", async () => {
  await expectMirror(await findProviders({ TF_PLUGIN_MIRROR: mirror }, [], online));
  await expect(findProviders({ TF_PLUGIN_MIRROR: folder }, [], online)).rejects.toThrow(
    /which holds no registry\.terraform\.io\/hashicorp\/aws.*/,
  );
});

test("a settings file that is not there is taken out of the environment", async () => {
  const named = await findProviders({ TF_CLI_CONFIG_FILE: join(folder, "none") }, [], online);
  expect(named).toHaveProperty("TF_CLI_CONFIG_FILE", undefined);
  expect(await findProviders({ TF_CLI_CONFIG_FILE: mirror }, [], online)).toEqual({});
});
