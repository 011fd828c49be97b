import { domainToASCII } from "node:url";
import { z } from "zod";

/** What no address or name needs: control characters, halves of letters, and what turns the direction of a line. */
const unprintable = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** An e-mail address: how it is shown, and how it is compared. */
export interface Email {
  shown: string;
  /** Without the differences that people do not see: case, width, composed letters, the domain's two spellings. */
  key: string;
}

/** Reads an e-mail address. @returns undefined for an invalid one; only a mail would tell whether it exists */
export function emailOf(text: string): Email | undefined {
  const shown = text.trim().normalize("NFC");
  const [, local = "", domain = ""] = /^([^\s@]+)@([^\s@]+)$/.exec(shown.normalize("NFKC").toLowerCase()) ?? [];
  const ascii = domainToASCII(domain);
  // https://www.rfc-editor.org/errata/eid1690: 254 is the longest that a mail can be sent to.
  if (local === "" || ascii === "" || unprintable.test(shown) || Buffer.byteLength(shown) > 254) return undefined;
  return { shown, key: `${local}@${ascii}` };
}

/** An e-mail address in a body. */
export const emailSchema = z
  .string()
  .max(1_000)
  .transform((text, context): Email => {
    const email = emailOf(text);
    if (email) return email;
    context.addIssue({ code: "custom", message: "is not an e-mail address" });
    return z.NEVER;
  });

/** What somebody is called. */
export const nameSchema = z
  .string()
  .transform((text) => text.trim().normalize("NFC"))
  .pipe(
    z
      .string()
      .min(1)
      .max(80)
      .refine((name) => !unprintable.test(name), "has characters that cannot be shown"),
  );

/** In code points, as NIST counts: https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver */
const fewestLetters = 10;

/** Longer ones would make hashing a way to keep a service busy; they are refused, never cut off. */
const mostBytes = 512;

/** A password that is tried: one that breaks the rules below is only wrong. */
export const triedPasswordSchema = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= mostBytes, `has more than ${mostBytes} bytes`);

/** The rules for a new password; which kinds of letters it has is not one of them. */
export const newPasswordSchema = triedPasswordSchema
  .refine((text) => Array.from(text).length >= fewestLetters, `has fewer than ${fewestLetters} characters`)
  .refine((text) => text.isWellFormed(), "has half a character")
  .refine((text) => new Set(text).size > 2, "has fewer than three different characters");
