/** Where to go after signing in: a path of this console, never another site's address ("//elsewhere", "/\elsewhere"). */
export function returnPath(wanted: string | null | undefined): string {
  return wanted && /^\/(?![/\\])/.test(wanted) ? wanted : "/";
}
