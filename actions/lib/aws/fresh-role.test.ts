import { expect, it } from "vitest";
import { freshRolePatience, untilRoleIsKnown } from "./fresh-role.ts";

/** A clock that only goes on while somebody sleeps. */
function sleepingClock() {
  let time = 0;
  return {
    now: () => time,
    sleep(milliseconds: number) {
      time += milliseconds;
      return Promise.resolve();
    },
  };
}

/** STS that refuses for some time, as it does while a new role spreads. */
function refusing(milliseconds: number, name = "AccessDenied") {
  const clock = sleepingClock();
  let asked = 0;
  const ask = () => {
    asked += 1;
    if (clock.now() >= milliseconds) return Promise.resolve("credentials");
    return Promise.reject(
      Object.assign(new Error("Not authorized to perform sts:AssumeRoleWithWebIdentity"), { name }),
    );
  };
  return { ask, clock, asked: () => asked };
}

it("waits for a role that STS does not know everywhere yet", async () => {
  const { ask, clock, asked } = refusing(8_000);
  expect(await untilRoleIsKnown(ask, { clock })).toBe("credentials");
  expect(clock.now()).toBeLessThan(freshRolePatience);
  expect(asked()).toBeGreaterThan(2);
});

it("gives up on a role that stays refused, when the time is up", async () => {
  const { ask, clock } = refusing(Number.POSITIVE_INFINITY);
  await expect(untilRoleIsKnown(ask, { clock })).rejects.toMatchObject({ name: "AccessDenied" });
  expect(clock.now()).toBe(freshRolePatience);
});

it("asks once where it has no patience, and where STS says something else", async () => {
  const denied = refusing(1);
  await expect(untilRoleIsKnown(denied.ask, { clock: denied.clock, patience: 0 })).rejects.toThrow("Not authorized");
  const other = refusing(1, "InvalidIdentityToken");
  await expect(untilRoleIsKnown(other.ask, { clock: other.clock })).rejects.toThrow("Not authorized");
  expect([denied.asked(), other.asked()]).toEqual([1, 1]);
});
