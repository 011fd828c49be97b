import { expect, it } from "vitest";
import { missingCapabilities, withinReach } from "./runtime.ts";

it("names the capabilities that the bounding set lacks", () => {
  expect(missingCapabilities("CapEff:\t0\nCapBnd:\t000001fffeffffff\n")).toEqual(["CAP_SYS_RESOURCE"]);
  expect(missingCapabilities("CapBnd:\t000001ffffffffff\n")).toEqual([]);
  expect(missingCapabilities("CapBnd:\t000001fffffffffe\n")).toEqual(["CAP_CHOWN"]);
});

it("asks for no capability that the machine lacks, and keeps limits where they can be raised", () => {
  const process = {
    args: ["sh"],
    capabilities: { bounding: ["CAP_CHOWN", "CAP_SYS_RESOURCE"], effective: ["CAP_SYS_RESOURCE"] },
    rlimits: [{ type: "RLIMIT_NOFILE", hard: 1, soft: 1 }],
  };
  expect(withinReach(process, ["CAP_SYS_RESOURCE"])).toEqual({
    args: ["sh"],
    capabilities: { bounding: ["CAP_CHOWN"], effective: [] },
  });
  expect(withinReach(process, ["CAP_CHOWN"])).toEqual({
    args: ["sh"],
    capabilities: { bounding: ["CAP_SYS_RESOURCE"], effective: ["CAP_SYS_RESOURCE"] },
    rlimits: process.rlimits,
  });
});
