/** The longest session that each kind of role gives, in seconds: `session_seconds` in terraform/bootstrap says the same. */
export const longestSession = { plan: 3600, deploy: 3600, apply: 7200 } as const;

/** The shortest session that STS gives: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const shortest = 900;

/** Extra minutes, for what happens before and after the work itself. */
const spare = 15;

/**
 * How long a session must last, in seconds, for a stage that works for up to so many minutes. A child process such as
 * Terraform cannot renew the credentials that it was started with, and STS gives one hour by default. STS refuses more than
 * the role allows, so a longer stage gets new credentials for each child.
 */
export function sessionSeconds(role: keyof typeof longestSession, minutes: number): number {
  return Math.min(longestSession[role], Math.max(shortest, Math.ceil(minutes + spare) * 60));
}
