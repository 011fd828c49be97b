import { expect, it } from "vitest";
import { isNode } from "./docker.ts";

it("knows Node.js also when its file was replaced since it was started", () => {
  expect(isNode("/usr/bin/node")).toBe(true);
  expect(isNode("/repository/node_modules/node/bin/node (deleted)")).toBe(true);
  expect(isNode("/usr/lib/systemd/systemd")).toBe(false);
  expect(isNode("")).toBe(false);
});
