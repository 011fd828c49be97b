import { expect, it } from "vitest";
import { mapConcurrently } from "./concurrency.ts";

const soon = () => new Promise((resolve) => setImmediate(resolve));

it("keeps the order and never runs more than the limit at once", async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently([5, 1, 4, 2, 3], 2, async (turns) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < turns; turn += 1) await soon();
    running -= 1;
    return turns * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it("begins nothing more after an error, and throws it", async () => {
  const begun: number[] = [];
  const mapped = mapConcurrently([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item);
    await soon();
    if (item === 2) throw new Error("second");
  });
  await expect(mapped).rejects.toThrow("second");
  await soon();
  expect(begun.length).toBeLessThanOrEqual(3);
});
