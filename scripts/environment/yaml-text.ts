import { isDeepStrictEqual } from "node:util";
import { isCollection, isMap, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";

/** What can be written: a scalar, a list or a map of these. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * The text of a YAML file with a value set, and the maps around it made where there are none. Nothing else of it changes,
 * comments and layout included.
 *
 * @param path the keys that lead to the value
 */
export function setYaml(text: string, path: readonly string[], value: YamlValue): string {
  const document = parseDocument(text);
  const there = path.reduce<unknown>(
    (found, key) => (found as Record<string, unknown> | undefined)?.[key],
    document.toJS(),
  );
  if (isDeepStrictEqual(there, value)) return text;
  document.setIn(path, document.createNode(value));
  const edited = edit(text, path, value);
  // Where YAML is laid out in a way that the text cannot be edited in, it is written again, with its comments.
  return isDeepStrictEqual(parseDocument(edited).toJS(), document.toJS())
    ? edited
    : document.toString({ lineWidth: 0 });
}

/** The text of a YAML file without a key and its value; as it is where there is no such key. */
export function removeYaml(text: string, path: readonly string[]): string {
  const document = parseDocument(text);
  if (!document.deleteIn(path)) return text;
  const { pair, map } = find(text, path);
  const edited = pair && map && !map.flow ? withoutLines(text, pair) : text;
  return isDeepStrictEqual(parseDocument(edited).toJS(), document.toJS())
    ? edited
    : document.toString({ lineWidth: 0 });
}

/**
 * The text of a YAML file in which a map has one entry more, behind the entry that it is a copy of: comments included, where
 * the map is laid out in lines.
 *
 * @param path the keys that lead to the entry that is copied
 * @param name the copy's key
 * @throws Error where there is no such entry
 */
export function copyYaml(text: string, path: readonly string[], name: string): string {
  const { map, pair } = find(text, path);
  if (!map || !pair) throw new Error(`There is no ${path.join(".")}.`);
  const to = [...path.slice(0, -1), name];
  const value = (parseDocument(text).getIn(path, true) as { toJSON(): YamlValue }).toJSON();
  const document = parseDocument(text);
  document.setIn(to, document.createNode(value));
  const edited = map.flow ? setYaml(text, to, value) : withCopy(text, pair, name);
  return isDeepStrictEqual(parseDocument(edited).toJS(), document.toJS()) ? edited : setYaml(text, to, value);
}

function withCopy(text: string, { key, value }: Pair, name: string): string {
  const [[begin, behindKey], [, end]] = [rangeOf(key), rangeOf(value)];
  if (begin === undefined || behindKey === undefined || end === undefined) return text;
  const lineBegin = text.lastIndexOf("\n", begin) + 1;
  const { head, tail } = splitAfterLine(text, end);
  return `${head}${text.slice(lineBegin, begin)}${name}${head.slice(behindKey)}${tail}`;
}

/** How far a path leads: the innermost map on it, what it still lacks, and the pair at its end where there is one. */
function find(text: string, path: readonly string[]): { map?: YAMLMap; rest: string[]; pair?: Pair } {
  let node: unknown = parseDocument(text).contents;
  let map: YAMLMap | undefined;
  for (const [index, key] of path.entries()) {
    if (!isMap(node)) return { rest: [] };
    map = node;
    const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (!pair) return { map, rest: path.slice(index) };
    if (index === path.length - 1) return { map, rest: [], pair };
    node = pair.value;
  }
  return { rest: [] };
}

function edit(text: string, path: readonly string[], value: YamlValue): string {
  const { map, rest, pair } = find(text, path);
  if (pair) {
    const [from, to] = isCollection(pair.value) && !pair.value.flow ? [] : rangeOf(pair.value);
    return from === undefined || to === undefined ? text : text.slice(0, from) + render(value) + text.slice(to);
  }
  const [key, ...deeper] = rest;
  if (!map || key === undefined) return text;
  const line = `${key}: ${render(deeper.reduceRight<YamlValue>((inner, each) => ({ [each]: inner }), value))}`;
  return map.flow ? intoBraces(text, map, line) : behind(text, map, line);
}

function intoBraces(text: string, map: YAMLMap, entry: string): string {
  const [, end] = rangeOf(map);
  if (end === undefined) return text;
  const inner = text.slice(0, end - 1).trimEnd();
  return `${inner}${map.items.length > 0 ? "," : ""} ${entry} ${text.slice(end - 1)}`;
}

/** A new line goes where most would write it: behind everything else of the map. */
function behind(text: string, map: YAMLMap, line: string): string {
  const [[begin], [, end]] = [rangeOf(map.items[0]?.key), rangeOf(map)];
  if (begin === undefined || end === undefined) return text;
  const indent = text.slice(text.lastIndexOf("\n", begin) + 1, begin);
  const { head, tail } = splitAfterLine(text, end);
  // Comments that are indented as the map's own keys are still its own.
  const comments = new RegExp(`^(?:${indent} *#.*\n)*`).exec(tail)?.[0] ?? "";
  return `${head}${comments}${indent}${line}\n${tail.slice(comments.length)}`;
}

function withoutLines(text: string, { key, value }: Pair): string {
  const [[begin], [, end]] = [rangeOf(key), rangeOf(value)];
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

/** In braces and brackets, as prettier lays them out. What begins with a digit is quoted: most readers of YAML guess. */
function render(value: YamlValue): string {
  if (typeof value === "string")
    return /^\d|[,[\]{}]/.test(value) || stringify(value, { lineWidth: 0 }).trimEnd() !== value
      ? JSON.stringify(value)
      : value;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${(value as readonly YamlValue[]).map(render).join(", ")}]`;
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${render(each)}`);
  return `{ ${entries.join(", ")} }`;
}

/** Where a node begins and ends. */
function rangeOf(node: unknown): readonly [from?: number, to?: number] {
  const { range } = (node ?? {}) as { range?: [number, number, number] | null };
  return range ? [range[0], range[1]] : [];
}
