import { expect, it } from "vitest";
import { parseVersion } from "./cli-plugin.ts";

it.each([
  ["github.com/docker/buildx v0.29.1 a32761aeb3debd39be1eca514af3693af0db334b\n", "v0.29.1"],
  ["github.com/docker/buildx 0.12.1 0.12.1-0ubuntu1~22.04.1\n", "0.12.1"],
  ["Docker Compose version v2.40.3\n", "v2.40.3"],
  ["Docker Compose version 2.37.1+ds1-0ubuntu2\n", "2.37.1+ds1-0ubuntu2"],
  ["docker: 'compose' is not a docker command.\n", undefined],
])("%j says %s", (text, version) => {
  expect(parseVersion(text)).toBe(version);
});
