/** Bytes of an output that others take as an input: an environment variable holds 128 KiB, and the run has others. */
const most = 60_000;

/** JSON for an output; nothing where there is too much of it. */
export function smallJson(value: unknown): string {
  const text = JSON.stringify(value);
  return Buffer.byteLength(text) <= most ? text : "";
}
