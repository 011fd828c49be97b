import { expect, it } from "vitest";
import { buildMatrix, matrixOutput, MOST_SHARDS } from "./matrix.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `app-${index}`);

it("gives each image a job of its own while there are few", () => {
  expect(buildMatrix([])).toEqual([]);
  expect(buildMatrix(["b", "a"])).toEqual([
    { shard: 1, images: "b" },
    { shard: 2, images: "a" },
  ]);
});

it.each([255, 256, 257, 300, 512, 513, 10_000])("spreads %i images evenly over at most 256 jobs", (count) => {
  const matrix = buildMatrix(names(count));
  expect(matrix).toHaveLength(Math.min(count, MOST_SHARDS));
  expect(matrix.flatMap((job) => job.images.split(","))).toEqual(names(count));
  const sizes = matrix.map((job) => job.images.split(",").length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  expect(new Set(matrix.map((job) => job.shard)).size).toBe(matrix.length);
});

it("fits into an output and an input of GitHub's with thousands of images, and says so where it does not", () => {
  const long = Array.from({ length: 5_000 }, (_, index) => `${"a".repeat(58)}${10_000 + index}`);
  // In UTF-16, as GitHub counts them; an input is an environment variable.
  expect(matrixOutput(long).length * 2).toBeLessThan(1024 * 1024);
  for (const { images } of buildMatrix(long)) expect(images.length).toBeLessThan(128 * 1024);
  expect(() => matrixOutput([...long, ...long])).toThrow("The names of the 10000 images to build are more than");
});
