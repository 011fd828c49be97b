import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Queue } from "./controller.ts";

function queueOf(work: (key: string) => Promise<void>) {
  const stopping = new AbortController();
  const failures: string[] = [];
  const queue = new Queue(stopping.signal, {
    work,
    onFailure: (key, error) => failures.push(`${key}: ${String(error)}`),
  });
  return { queue, failures, stop: () => stopping.abort() };
}

test("one key is worked on once at a time, others in parallel, and what came meanwhile only once more", async () => {
  const log: string[] = [];
  const { queue } = queueOf(async (key) => {
    log.push(`begin ${key}`);
    await sleep(20);
    log.push(`end ${key}`);
  });
  for (const key of ["a", "b", "a", "a"]) queue.add(key);
  await queue.idle();
  expect(log.filter((line) => line.endsWith("a"))).toEqual(["begin a", "end a", "begin a", "end a"]);
  expect(log.slice(0, 2)).toEqual(["begin a", "begin b"]);
});

test("what fails is done again, and is done once when it succeeds", async () => {
  let attempts = 0;
  const { queue, failures } = queueOf(async () => {
    attempts += 1;
    if (attempts < 3) throw new Error(`attempt ${attempts}`);
  });
  queue.add("a");
  await queue.idle();
  expect(attempts).toBe(3);
  expect(failures).toEqual(["a: Error: attempt 1", "a: Error: attempt 2"]);
});

test("no call falls between the end of a work and the next one", async () => {
  let done = 0;
  const { queue } = queueOf(async () => {
    done += 1;
  });
  for (let index = 1; index <= 100; index++) {
    queue.add("a");
    await queue.idle();
    expect(done).toBe(index);
  }
});

test("when it is stopped, nothing is done again", async () => {
  let attempts = 0;
  const { queue, stop } = queueOf(async () => {
    attempts += 1;
    throw new Error("always");
  });
  queue.add("a");
  await sleep(50);
  stop();
  await queue.idle();
  const before = attempts;
  await sleep(300);
  expect(attempts).toBe(before);
});
