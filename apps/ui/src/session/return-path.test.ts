import returnPaths from "@slipway/kit/testing/return-paths.json" with { type: "json" };
import { describe, expect, test } from "vitest";
import { returnPath } from "./return-path";

describe.each(Object.entries(returnPaths))("%s", (_title, paths) => {
  test.each(paths as [string, string][])("%j leads to %j, at this console", (wanted, path) => {
    expect(returnPath(wanted)).toBe(path);
    expect(new URL(returnPath(wanted), "https://console.example/sign-in").origin).toBe("https://console.example");
  });
});

test.each([null, undefined])("without a page that was wanted (%s), the way leads to the first one", (wanted) => {
  expect(returnPath(wanted)).toBe("/");
});
