import { hkdfSync } from "node:crypto";
import type { Request, Response } from "express";
import { EncryptJWT, jwtDecrypt } from "jose";
import type { z } from "zod";
import { TokenCookie } from "./token-cookie.ts";

/** What a sealed cookie is made with. */
export interface CookieOptions<Value> {
  name: string;
  /** The service's secret; each cookie's own key is derived from it. */
  key: string;
  schema: z.ZodType<Value>;
  /** How long it is good for. */
  seconds: number;
  path?: string;
  /** Only over HTTPS; its name then begins with `__Host-` or `__Secure-`, so that nothing else can set it. */
  secure: boolean;
}

/** Opened cookies that are remembered, so that not every request decrypts the same one again. */
const mostRemembered = 1_000;

/**
 * A cookie whose value only the service can read or make: encrypted and authenticated (JWE with A256GCM), HttpOnly,
 * SameSite=Lax. What it says is kept nowhere else, so any replica knows it, and it is good until it expires.
 */
export class SealedCookie<Value extends object> {
  readonly name: string;
  readonly #options: CookieOptions<Value>;
  readonly #cookie: TokenCookie;
  readonly #key: Uint8Array;
  readonly #opened = new Map<string, { value: Value; until: number }>();

  constructor(options: CookieOptions<Value>) {
    const { name, path = "/", secure, key } = options;
    this.#options = options;
    this.#cookie = new TokenCookie({ name, path, secure, sameSite: "lax" });
    this.name = this.#cookie.name;
    this.#key = new Uint8Array(hkdfSync("sha256", key, "", `cookie ${name}`, 32));
  }

  /** Sets the cookie. */
  async set(response: Response, value: Value): Promise<void> {
    const expires = new Date(Date.now() + this.#options.seconds * 1_000);
    const token = await new EncryptJWT({ value })
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .setExpirationTime(expires)
      .encrypt(this.#key);
    this.#cookie.set(response, token, expires);
  }

  /** Takes the cookie away from the browser. */
  clear(response: Response): void {
    this.#cookie.clear(response);
  }

  /** The cookie's value when its caller has one that is ours and still good. */
  read(request: Request): Value | undefined | Promise<Value | undefined> {
    const token = this.#cookie.read(request);
    if (token === undefined) return undefined;
    const known = this.#opened.get(token);
    if (known && known.until > Date.now()) return known.value;
    return this.#open(token);
  }

  async #open(token: string): Promise<Value | undefined> {
    try {
      const options = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] };
      const { payload } = await jwtDecrypt(token, this.#key, options);
      const { success, data } = this.#options.schema.safeParse(payload["value"]);
      if (!success || payload.exp === undefined) return undefined;
      const oldest = this.#opened.size < mostRemembered ? undefined : this.#opened.keys().next().value;
      if (oldest !== undefined) this.#opened.delete(oldest);
      this.#opened.set(token, { value: data, until: payload.exp * 1_000 });
      return data;
    } catch {
      // Forged, expired, or sealed with a key that is no longer ours: as if there were none.
      return undefined;
    }
  }
}
