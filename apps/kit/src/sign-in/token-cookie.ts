import type { IncomingMessage } from "node:http";
import type { Response } from "express";

/** What a cookie is set with. */
export interface TokenCookieOptions {
  name: string;
  path: string;
  sameSite: "lax" | "strict";
  /** Only over HTTPS; its name then begins with `__Host-` or `__Secure-`, so that nothing else can set it. */
  secure: boolean;
}

/** A cookie that no script of the page can read. */
export class TokenCookie {
  readonly name: string;
  readonly #attributes: { path: string; secure: boolean; httpOnly: true; sameSite: "lax" | "strict" };

  constructor({ name, path, sameSite, secure }: TokenCookieOptions) {
    // https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
    this.name = secure ? `${path === "/" ? "__Host-" : "__Secure-"}${name}` : name;
    this.#attributes = { path, secure, httpOnly: true, sameSite };
  }

  /** Sets the cookie. */
  set(response: Response, value: string, expires: Date): void {
    response.cookie(this.name, value, { ...this.#attributes, expires });
  }

  /** Takes the cookie away from the browser. */
  clear(response: Response): void {
    response.clearCookie(this.name, this.#attributes);
  }

  read(request: IncomingMessage): string | undefined {
    const start = `${this.name}=`;
    return request.headers.cookie
      ?.split(/; */)
      .find((part) => part.startsWith(start))
      ?.slice(start.length);
  }
}
