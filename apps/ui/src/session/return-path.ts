/** Stands for whatever address the interface has. */
const origin = "https://local.invalid";

/**
 * Where to go after signing in: a path of this interface with its query and fragment, never another site's address. It is
 * resolved as the browser does it, because dot segments that go may leave two slashes; the backend does the same.
 */
export function returnPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith("/") || !URL.canParse(wanted, origin)) return "/";
  const url = new URL(wanted, origin);
  if (url.origin !== origin || /^\/[/\\]/.test(url.pathname)) return "/";
  return url.pathname + url.search + url.hash;
}
