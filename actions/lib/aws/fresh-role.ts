import { type RetryClock, pauseAfterOutage, systemClock } from "../git/outages.ts";

/**
 * Milliseconds in which STS is asked again for a role that it refuses. What IAM was told, for example by a bootstrap a
 * minute ago, is known everywhere only after some seconds:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export const freshRolePatience = 20_000;

/**
 * Asks again, with growing pauses, while STS denies the access: of a new role, and of one with a new trust, nobody can
 * tell from outside whether it will be given a moment later.
 *
 * @param ask throws STS's error
 * @param options.patience milliseconds until the last attempt; 0 for one attempt
 * @throws the last refusal when the time is up, and any other error at once
 */
export async function untilRoleIsKnown<T>(
  ask: () => Promise<T>,
  { patience = freshRolePatience, clock = systemClock }: { patience?: number | undefined; clock?: RetryClock } = {},
): Promise<T> {
  const deadline = clock.now() + patience;
  for (let count = 1; ; count += 1) {
    try {
      return await ask();
    } catch (error) {
      const left = deadline - clock.now();
      if (!(error instanceof Error) || !/^AccessDenied/.test(error.name) || left <= 0) throw error;
      await clock.sleep(Math.min(pauseAfterOutage(count), left));
    }
  }
}
