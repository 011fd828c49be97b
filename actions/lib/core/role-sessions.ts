/** The longest session that each kind of role gives, in seconds: `session_seconds` in terraform/bootstrap says the same. */
export const longestSession = { plan: 3600, deploy: 3600, apply: 7200 } as const;

/** STS gives none that is shorter: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const shortest = 900;

/** Minutes beside the work itself: a child is started with credentials that have been used for a while. */
const spare = 15;

/**
 * How long a session must last, in seconds, for a stage that may work for so many minutes: a child such as Terraform
 * cannot renew the credentials that it was started with, and STS gives an hour to whoever does not ask. Longer than the
 * role allows is refused by STS, so a stage that needs more than that renews them between its children.
 */
export function sessionSeconds(role: keyof typeof longestSession, minutes: number): number {
  return Math.min(longestSession[role], Math.max(shortest, Math.ceil(minutes + spare) * 60));
}
