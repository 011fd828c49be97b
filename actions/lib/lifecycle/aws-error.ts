/** Whether an error is AWS's, or the SDK's after it has tried to ask: all of these carry how often it tried. */
export function isAwsError(error: unknown): boolean {
  return error instanceof Error && "$metadata" in error;
}
