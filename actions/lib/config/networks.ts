/**
 * Whether two IPv4 networks share an address.
 *
 * @param a in CIDR form, such as 10.0.0.0/16, as `b`
 */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [rangeOf(a), rangeOf(b)];
  return one.first <= other.last && other.first <= one.last;
}

function rangeOf(cidr: string): { first: number; last: number } {
  const [address = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}
