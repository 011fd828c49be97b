import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { plainEnvironment } from "../lib/aws/credentials.ts";
import { messageOf, SlipwayError } from "../lib/core/errors.ts";
import { run } from "../lib/core/process.ts";
import type { RegistryCredentials } from "../lib/images/registry.ts";

/** Docker's client, logged in to one registry by a configuration folder that goes when the session is disposed of. */
export interface DockerSession extends AsyncDisposable {
  /** The environment for `docker`: without tokens, with the private configuration. */
  readonly env: NodeJS.ProcessEnv;
}

/** The parts of Docker's `config.json` that a session changes. */
interface ClientConfig {
  auths?: Record<string, unknown>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
  cliPluginsExtraDirs?: string[];
}

/**
 * Logs Docker in without touching the user's own configuration: the password stands in a folder of its own.
 *
 * @param parent the environment that names the user's configuration (DOCKER_CONFIG, BUILDX_CONFIG)
 * @throws SlipwayError when Docker is missing or the registry refuses the login
 */
export async function openDockerSession(
  login: RegistryCredentials,
  parent: NodeJS.ProcessEnv = process.env,
): Promise<DockerSession> {
  const original = parent.DOCKER_CONFIG || join(homedir(), ".docker");
  const folder = await mkdtemp(join(parent.RUNNER_TEMP || tmpdir(), "slipway-docker-"));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const config = sessionConfig(await readClientConfig(join(original, "config.json")), original, login.server);
    await writeFile(join(folder, "config.json"), JSON.stringify(config), { mode: 0o600 });
    // The context may say where the daemon is (Docker Desktop, colima, rootless Docker).
    await symlink(join(original, "contexts"), join(folder, "contexts"));
    const env = {
      ...plainEnvironment(parent),
      DOCKER_CONFIG: folder,
      BUILDX_CONFIG: parent.BUILDX_CONFIG || join(original, "buildx"),
    };
    await run("docker", ["login", "--username", login.username, "--password-stdin", login.server], {
      env,
      input: login.password,
    });
    return { env, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    if (error instanceof SlipwayError)
      throw new SlipwayError(`Docker could not log in to ${login.server}: ${error.message}`, {
        next: "Check that Docker runs here (docker version) and that the registry can be reached.",
        reason: "docker-login",
        cause: error,
      });
    throw error;
  }
}

/**
 * The user's client configuration as a session needs it: plugins are still found, base images may still need the
 * user's logins, but the new login goes to this file and to no keychain.
 *
 * @param original the user's configuration folder
 * @see https://github.com/docker/cli/blob/v28.4.0/cli-plugins/manager/manager.go for where plugins are looked for
 */
export function sessionConfig(config: ClientConfig, original: string, server: string): ClientConfig {
  const { credsStore: _keychain, credHelpers = {}, auths = {}, ...rest } = config;
  const others = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).filter(([host]) => host !== server));
  return {
    ...rest,
    auths: others(auths),
    credHelpers: others(credHelpers),
    cliPluginsExtraDirs: [...(config.cliPluginsExtraDirs ?? []), join(original, "cli-plugins")],
  };
}

async function readClientConfig(path: string): Promise<ClientConfig> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "{}";
    throw error;
  });
  try {
    return JSON.parse(text) as ClientConfig;
  } catch (cause) {
    throw new SlipwayError(`${path} is not JSON: ${messageOf(cause)}.`, { cause });
  }
}
