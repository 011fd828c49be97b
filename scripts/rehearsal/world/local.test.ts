import { networkInterfaces } from "node:os";
import { expect, it } from "vitest";
import { assertLocal } from "./local.ts";

it("takes addresses of this machine", async () => {
  await assertLocal("AWS", "http://127.0.0.1:4566");
  await assertLocal("AWS", "http://localhost:4566/path");
  for (const address of Object.values(networkInterfaces()).flatMap((each) => each ?? []))
    if (address.family === "IPv4") await assertLocal("AWS", `http://${address.address}:1`);
});

it("takes those of any family, and not the one that stands for all", async () => {
  await assertLocal("AWS", "http://[::1]:4566");
  await expect(assertLocal("AWS", "http://0.0.0.0:4566")).rejects.toThrow("not on this machine");
});

it("refuses everything else, naming it", async () => {
  await expect(assertLocal("AWS", "https://192.0.2.77")).rejects.toThrow(
    "AWS would be reached at 192.0.2.77, which is 192.0.2.77, not on this machine.",
  );
  await expect(assertLocal("GitHub", "https://nowhere.invalid")).rejects.toThrow("nowhere.invalid, which is not known");
});
