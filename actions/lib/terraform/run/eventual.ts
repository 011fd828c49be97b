import type { EventLog } from "./events.ts";

/** What the provider says when a resource that it has made is not found when it reads it. */
const unfound = /^(?:Error: )?reading .*: (?:couldn't find resource|empty result)/;

/**
 * Whether all that failed in an apply is that AWS did not find what it had just made: its API is eventually consistent, and
 * the provider waits for some kinds of resources, but not for all. Such a resource is in the state as tainted, and a second
 * apply makes it again.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 * https://github.com/hashicorp/terraform-provider-aws/issues/44835
 */
export function notFoundYet({ errors }: Pick<EventLog, "errors">): boolean {
  return errors.length > 0 && errors.every(({ summary }) => unfound.test(summary));
}
