/** An address that may become a link: one of the web. Anything else in a report, such as `javascript:`, may not. */
export function webAddress(text: string): string | null {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : null;
}
