import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";
import { leaseUntil, parseConfig } from "../actions/lib/config.ts";
import { SlipwayError } from "../actions/lib/errors.ts";
import { describeEnd, describeRemains, type Lease, leaseEnd } from "../actions/lib/lease.ts";
import type { VolumePolicy } from "../actions/lib/lifecycle/policies.ts";
import { textTable } from "./text-table.ts";

/** What a lease says in slipway.yaml; `volumes` is left out where nobody chose. */
export interface LeaseSetting {
  until: string;
  volumes?: VolumePolicy | undefined;
}

/**
 * Checks when a new lease is to end.
 *
 * @throws SlipwayError for what is no date, is past, or is more than a year ahead, which is more likely a slip
 */
export function checkUntil(until: string, now: Date): void {
  const allowed = "It may be a date such as 2026-12-01, or a time in UTC such as 2026-12-01T18:00:00Z";
  if (!leaseUntil.safeParse(until).success)
    throw new SlipwayError(`--until is ${JSON.stringify(until)}, which is no date.`, { next: `${allowed}.` });
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + 1);
  const last = latest.toISOString().slice(0, 10);
  if (leaseEnd(until) <= now)
    throw new SlipwayError(`--until is ${until}, which is past.`, { next: `It may be any day up to ${last}.` });
  if (leaseEnd(until) > leaseEnd(last))
    throw new SlipwayError(`--until is ${until}, which is more than a year ahead.`, {
      next: `It may be any day up to ${last}; without a lease the environment stays (--off).`,
    });
}

/**
 * The text of slipway.yaml with a lease set or removed. Nothing else of it changes, comments and layout included.
 *
 * @param environment one of those in the text
 * @param lease undefined removes it; without `volumes`, those of the lease that is there stay
 */
export function withLease(text: string, environment: string, lease: LeaseSetting | undefined): string {
  const edited = edit(text, environment, lease);
  // Where YAML is laid out in a way that the text cannot be edited in, it is written anew, with its comments.
  return isDeepStrictEqual(parseDocument(edited).toJS(), changed(text, environment, lease).toJS())
    ? edited
    : changed(text, environment, lease).toString({ lineWidth: 0 });
}

/** The document as it has to be. */
function changed(text: string, environment: string, lease: LeaseSetting | undefined): Document {
  const document = parseDocument(text);
  const path = ["environments", environment, "lease"];
  if (!lease) document.deleteIn(path);
  else {
    document.setIn([...path, "until"], lease.until);
    if (lease.volumes) document.setIn([...path, "volumes"], lease.volumes);
  }
  return document;
}

function edit(text: string, environment: string, lease: LeaseSetting | undefined): string {
  const map = parseDocument(text).getIn(["environments", environment]);
  if (!isMap(map) || map.flow) return text;
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === "lease");
  if (!pair) return lease ? inserted(text, map, lease) : text;
  return lease ? replaced(text, pair, lease) : removed(text, pair);
}

/** The lease goes where most would write it: behind everything else of the environment. */
function inserted(text: string, map: YAMLMap, lease: LeaseSetting): string {
  const [begin, end] = [startOf(map.items[0]?.key), endOf(map)];
  if (begin === undefined || end === undefined) return text;
  const indent = text.slice(text.lastIndexOf("\n", begin) + 1, begin);
  const { head, tail } = splitAfterLine(text, end);
  // Comments that are indented as the environment's own keys are still its own.
  const comments = new RegExp(`^(?:${indent} *#.*\n)*`).exec(tail)?.[0] ?? "";
  return `${head}${comments}${indent}lease: ${flow(lease)}\n${tail.slice(comments.length)}`;
}

function replaced(text: string, { value }: Pair, lease: LeaseSetting): string {
  if (!isMap(value)) return text;
  const until = value.get("until", true);
  const volumes = value.get("volumes", true);
  if (lease.volumes && !volumes && value.flow) return spliced(text, [{ node: value, text: flow(lease) }]);
  return spliced(text, [
    { node: until, text: JSON.stringify(lease.until) },
    ...(lease.volumes ? [{ node: volumes, text: lease.volumes }] : []),
  ]);
}

/** The text with nodes written anew. */
function spliced(text: string, edits: readonly { node: unknown; text: string }[]): string {
  const places = edits.flatMap(({ node, text: by }) => {
    const [from, to] = [startOf(node), endOf(node)];
    return from === undefined || to === undefined ? [] : [{ from, to, by }];
  });
  // The last first, so that the places of the others stay.
  return places
    .sort((one, other) => other.from - one.from)
    .reduce((done, { from, to, by }) => done.slice(0, from) + by + done.slice(to), text);
}

/** The lease with the lines that it is on. */
function removed(text: string, { key, value }: Pair): string {
  const [begin, end] = [startOf(key), endOf(value)];
  if (begin === undefined || end === undefined) return text;
  return text.slice(0, text.lastIndexOf("\n", begin) + 1) + splitAfterLine(text, end).tail;
}

/** Splits behind the line that ends with or behind `offset`; the first half ends with a line's end. */
function splitAfterLine(text: string, offset: number): { head: string; tail: string } {
  // A block ends where the next line begins.
  const lineEnd = text[offset - 1] === "\n" ? offset - 1 : text.indexOf("\n", offset);
  return lineEnd < 0
    ? { head: `${text}\n`, tail: "" }
    : { head: text.slice(0, lineEnd + 1), tail: text.slice(lineEnd + 1) };
}

const flow = ({ until, volumes }: LeaseSetting) =>
  `{ until: ${JSON.stringify(until)}${volumes ? `, volumes: ${volumes}` : ""} }`;

type Ranged = { range?: [number, number, number] | null } | null | undefined;
const startOf = (node: unknown) => (node as Ranged)?.range?.[0];
const endOf = (node: unknown) => (node as Ranged)?.range?.[1];

/** As `withLease`, and checked as slipway.yaml is read. @throws SlipwayError as `parseConfig` does */
export function changeLease(text: string, environment: string, lease: LeaseSetting | undefined): string {
  const changed = withLease(text, environment, lease);
  parseConfig(changed);
  return changed;
}

/** Leases for a terminal, also of environments that have none. */
export function describeLeases(environments: readonly string[], leases: readonly Lease[]): string {
  const ofLeases = leases.map(({ environment, until, volumes, remains }) => [
    ...[environment, describeEnd(until), volumes, describeRemains(remains)],
  ]);
  const others = environments.filter((name) => !leases.some(({ environment }) => environment === name));
  return textTable(
    ["Environment", "Lease until", "Volumes", "Remains"],
    [...ofLeases, ...others.map((name) => [name, "no end", "", ""])],
  );
}
