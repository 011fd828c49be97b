import { z } from "zod";
import { signInVariables } from "../sign-in/sign-in-config.ts";

/** What a service with accounts reads; `signInRules` belongs to it. */
export const accountVariables = {
  ...signInVariables,
  /**
   * Previous keys, separated by commas, that are still believed: to change SESSION_KEY, put the old one here until
   * SESSION_HOURS are over. Nobody is signed out.
   */
  SESSION_KEYS_BEFORE: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((key) => key.trim())
        .filter(Boolean),
    )
    .refine((keys) => keys.every((key) => key.length >= 32), "each has at least 32 characters"),
  /** How long an access token is good for where nobody can be asked whether its session goes on. */
  ACCESS_SECONDS: z.coerce.number().int().min(1).max(3_600).default(300),
};

/** The values of `accountVariables`. */
export type AccountConfig = Readonly<z.output<z.ZodObject<typeof accountVariables>>>;
