import { type RetryClock, pauseAfterOutage, systemClock } from "../git/outages.ts";
import type { ProcessError } from "../core/process.ts";

/** A build is tried so many times; what is built already comes from the builder's cache. */
const attempts = 4;

/** A registry, or the way to it, that fails for now, as BuildKit and containerd tell it. */
const trouble =
  /(unexpected status|status code|response).{0,200}\b(429|5\d\d)\b|toomanyrequests|TLS handshake timeout|connection (reset|refused)|i\/o timeout|unexpected EOF|context deadline exceeded|no such host|server misbehaving/i;

/** Whether a failed build failed at a registry that may answer in a moment, and not in a step of its Dockerfile. */
export function isRegistryTrouble(output: string): boolean {
  // BuildKit's own last word; a step's output may say anything.
  const error =
    output
      .trimEnd()
      .split("\n")
      .findLast((line) => line.startsWith("ERROR: ")) ?? "";
  return !/process ".*" did not complete successfully/.test(error) && trouble.test(error);
}

/**
 * Builds again while a registry fails, with growing pauses.
 *
 * @param build returns the failure of `docker`, or nothing
 * @param say gets one line about each attempt that is repeated
 */
export async function throughRegistryTrouble(
  build: () => Promise<ProcessError | undefined>,
  say: (line: string) => void,
  clock: RetryClock = systemClock,
): Promise<ProcessError | undefined> {
  for (let count = 1; ; count += 1) {
    const failure = await build();
    if (!failure || count >= attempts || !isRegistryTrouble(failure.stderr)) return failure;
    say(`Attempt ${count}: the registry failed for now; trying again.`);
    await clock.sleep(pauseAfterOutage(count));
  }
}
