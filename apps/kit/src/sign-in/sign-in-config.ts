import { z } from "zod";

const list = () =>
  z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((entry) => entry.trim())
        .filter(Boolean),
    );

/** `true` or `false`; nothing else is guessed. */
export const flag = () =>
  z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true");

/** What a service reads whose people sign in. Give `signInRules` to `readEnv` with it. */
export const signInVariables = {
  /** What cookies are sealed with: at least 32 characters that nobody can guess. A new one signs everybody out. */
  SESSION_KEY: z.string().min(32),
  SESSION_HOURS: z.coerce.number().min(0.01).max(720).default(12),
  /** Where people reach the service, for example https://console.example.com: the issuer sends them back there. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** An OpenID Connect issuer's address, or https://github.com, which has its own way. Nobody signs in by OIDC without. */
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  /** What the button says; the issuer's host when left out. */
  OIDC_NAME: z.string().min(1).max(100).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Absent for a public client. */
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** Where the issuer sends people back to, as it is registered there. */
  OIDC_CALLBACK_PATH: z
    .string()
    .regex(/^\/api(\/[\w-]+)+$/, "a path below /api")
    .default("/api/session/callback"),
  OIDC_SCOPE: z.string().min(1).optional(),
  /** The claim by which people are let in: `email` (which has to be verified), at GitHub `login`; or any other. */
  OIDC_ALLOWED_CLAIM: z.string().min(1).optional(),
  /** Its values, separated by commas; `*` lets everybody in whom the issuer knows. */
  OIDC_ALLOWED: list(),
  /** Whether one person may sign in by a link from the log. */
  ONE_TIME_LINK: flag(),
  /** Issuers without TLS: for rehearsals alone. */
  ALLOW_HTTP_ISSUERS: flag(),
};

/** The values of `signInVariables`. */
export type SignInConfig = Readonly<z.output<z.ZodObject<typeof signInVariables>>>;

/** Whether browsers reach the service over HTTPS: its cookies are then sent over nothing else. */
export const isHttps = ({ PUBLIC_URL }: SignInConfig): boolean => PUBLIC_URL?.startsWith("https://") ?? false;

/** What has to hold between the variables above: one line for each that does not. */
export function signInRules(config: SignInConfig): string[] {
  if (config.OIDC_ISSUER === undefined) return [];
  const faults: string[] = [];
  if (config.PUBLIC_URL === undefined)
    faults.push("PUBLIC_URL: needed with OIDC_ISSUER, which sends people back there");
  if (config.OIDC_CLIENT_ID === undefined) faults.push("OIDC_CLIENT_ID: needed with OIDC_ISSUER");
  if (config.OIDC_ALLOWED.length === 0)
    faults.push('OIDC_ALLOWED: needed with OIDC_ISSUER; "*" lets in everybody whom it knows');
  if (!config.ALLOW_HTTP_ISSUERS && !config.OIDC_ISSUER.startsWith("https://"))
    faults.push("OIDC_ISSUER: has to be https");
  return faults;
}
