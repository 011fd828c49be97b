import { formatDuration } from "./summary.ts";

/** Milliseconds without a line after which one is printed. */
const quiet = 60_000;

/** What lines are printed to. */
type Output = Pick<NodeJS.WriteStream, "write">;

/**
 * Prints a line a minute while nothing else is printed: how long it has taken so far, and what was said last. Whoever
 * reads the log of a long step sees that it goes on, and where it is.
 *
 * @param output whose `write` is watched until the result is disposed of
 */
export function startHeartbeat(output: Output = process.stdout): Disposable {
  const began = Date.now();
  const plain = output.write.bind(output) as (...args: unknown[]) => boolean;
  let last = "";
  let at = began;
  const watched = (...args: unknown[]): boolean => {
    at = Date.now();
    const lines = typeof args[0] === "string" ? args[0].split("\n") : [];
    // Lines that begin so are commands to GitHub's runner.
    last = lines.findLast((line) => line.trim() !== "" && !line.startsWith("::"))?.trim() ?? last;
    return plain(...args);
  };
  output.write = watched;
  const timer = setInterval(() => {
    if (Date.now() - at < quiet) return;
    at = Date.now();
    plain(`… goes on after ${formatDuration(at - began)}${last ? `; the last line was: ${last}` : ""}\n`);
  }, quiet / 6);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      output.write = plain;
    },
  };
}
