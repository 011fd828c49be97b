import { afterEach, expect, it, vi } from "vitest";
import { worldEnvironment } from "./environment.ts";

afterEach(() => vi.unstubAllEnvs());

it("keeps a person's accounts, repositories and tools' settings out, and the machine's certificates and proxies in", () => {
  const own = {
    AWS_PROFILE: "production",
    AWS_ENDPOINT_URL: "https://elsewhere.example",
    AWS_CA_BUNDLE: "/etc/bundle.pem",
    GITHUB_TOKEN: "secret",
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://elsewhere.example",
    DOCKER_HOST: "tcp://elsewhere.example",
    GIT_DIR: "/elsewhere/.git",
    GIT_SSL_CAINFO: "/etc/bundle.pem",
    TF_WORKSPACE: "production",
    HTTPS_PROXY: "http://proxy.example",
  };
  for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value);
  const environment = worldEnvironment("/world", { HOME: "/world/home", NO_SUCH: undefined });
  expect(Object.keys(own).filter((name) => name in environment)).toEqual([
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "HTTPS_PROXY",
  ]);
  expect(environment).toMatchObject({ HOME: "/world/home", SLIPWAY_WORLD: "/world", AWS_CONFIG_FILE: "/dev/null" });
  expect("NO_SUCH" in environment).toBe(false);
});
