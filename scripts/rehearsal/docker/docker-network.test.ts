import { expect, it } from "vitest";
import { chooseNetwork } from "./docker-network.ts";

it("chooses a range that no route touches", () => {
  expect(chooseNetwork(["default", "192.0.2.0/24", "127.0.0.1"])).toBe("10.213");
  expect(chooseNetwork(["10.213.4.0/24", "10.214.0.0/15"])).toBe("10.216");
  expect(chooseNetwork(["10.213.77.1"])).toBe("10.214");
});

it("knows when there is none", () => {
  expect(chooseNetwork(["10.0.0.0/8"])).toBeUndefined();
});
