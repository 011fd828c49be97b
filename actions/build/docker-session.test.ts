import { expect, it } from "vitest";
import { sessionConfig } from "./docker-session.ts";

const server = "000000000000.dkr.ecr.us-east-1.amazonaws.com";

it("keeps plugins, context and other logins, but no keychain and no older login of the server", () => {
  const config = {
    currentContext: "colima",
    auths: { "https://index.docker.io/v1/": { auth: "x" }, [server]: { auth: "old" } },
    credsStore: "osxkeychain",
    credHelpers: { [server]: "ecr-login", "ghcr.io": "gh" },
    cliPluginsExtraDirs: ["/opt/plugins"],
  };
  expect(sessionConfig(config, "/home/me/.docker", server)).toEqual({
    currentContext: "colima",
    auths: { "https://index.docker.io/v1/": { auth: "x" } },
    credHelpers: { "ghcr.io": "gh" },
    cliPluginsExtraDirs: ["/opt/plugins", "/home/me/.docker/cli-plugins"],
  });
});

it("needs no configuration of the user's", () => {
  expect(sessionConfig({}, "/home/me/.docker", server)).toEqual({
    auths: {},
    credHelpers: {},
    cliPluginsExtraDirs: ["/home/me/.docker/cli-plugins"],
  });
});
