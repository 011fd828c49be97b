import { describe, expect, test } from "vitest";
import returnPaths from "../../testing/return-paths.json" with { type: "json" };
import { localPath } from "./local-path.ts";

describe.each(Object.entries(returnPaths))("%s", (_title, paths) => {
  test.each(paths as [string, string][])("%j leads to %j, at this site", (wanted, path) => {
    expect(localPath(wanted)).toBe(path);
    // As a browser at the service reads the answer.
    expect(new URL(localPath(wanted), "https://console.example/sign-in").origin).toBe("https://console.example");
    // Nothing changes for whoever reads it again, as the issuer's way back does.
    expect(localPath(path)).toBe(path);
  });
});
