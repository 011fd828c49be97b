/** The value of a cookie that scripts may read; undefined when there is none. */
export function readCookie(document: Pick<Document, "cookie">, name: string): string | undefined {
  for (const pair of document.cookie.split("; ")) if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  return undefined;
}

/** Keeps a plain word for a year. It never leaves with a request that another site starts. */
export function writeCookie(document: Pick<Document, "cookie">, name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
