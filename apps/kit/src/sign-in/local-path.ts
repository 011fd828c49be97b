/** Stands for whatever address the service has. */
const origin = "https://local.invalid";

/**
 * Where somebody is led after signing in: `wanted` where it is a path of this site, with its query and fragment, and `/`
 * for everything else, so that no link to us leads to another site.
 *
 * It is resolved as a browser resolves it (https://url.spec.whatwg.org/): a backslash is a slash, tabs and line ends are
 * left out, dot segments go. What that leaves must not begin with two slashes: read once more, it would name a host.
 */
export function localPath(wanted: string): string {
  const url = wanted.startsWith("/") ? URL.parse(wanted, origin) : null;
  if (url?.origin !== origin || /^\/[/\\]/.test(url.pathname)) return "/";
  return url.pathname + url.search + url.hash;
}
