import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type * as z from "zod";
import { messageOf, SlipwayError } from "./errors.ts";

/**
 * Reads YAML that must fit a schema.
 *
 * @param path only named in errors
 * @param next what an error tells the reader to do
 * @throws SlipwayError naming the file, the line, the path in the file and what the value may be, for every error at once
 */
export function parseYaml<T extends z.ZodType>(schema: T, text: string, path: string, next: string): z.infer<T> {
  const lines = new LineCounter();
  const { document, value } = readDocument(text, path, lines);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const found = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: "is not a key that Slipway knows" }))
      : // Of a wrong name zod says only that it is wrong; why is one deeper.
        [{ path: issue.path, message: (issue.code === "invalid_key" && issue.issues[0]?.message) || issue.message }],
  );
  const where = (at: PropertyKey[]) => {
    const range = nearestNode(document.contents, at)?.range;
    return range ? `${path}:${lines.linePos(range[0]).line}` : path;
  };
  throw new SlipwayError(
    found
      .map((each) => `${where(each.path)}: ${each.path.map(String).join(".") || "(file)"}: ${each.message}.`)
      .join("\n"),
    { next },
  );
}

/** Also refuses what grows without end when it is read: aliases of aliases, nesting without bottom. */
function readDocument(text: string, path: string, lineCounter: LineCounter) {
  const unreadable = (message: string, cause?: unknown) =>
    new SlipwayError(`${path}: ${message.split("\n")[0]}`, { next: "Correct the YAML.", cause });
  try {
    const document = parseDocument(text, { lineCounter });
    const problem = document.errors[0];
    if (problem) throw unreadable(problem.message);
    return { document, value: document.toJS() as unknown };
  } catch (error) {
    throw error instanceof SlipwayError ? error : unreadable(messageOf(error), error);
  }
}

/** The key or value at `path`, or the deepest part of the path that is in the file. */
function nearestNode(root: Node | null, path: PropertyKey[]): Node | null {
  let node = root;
  for (const step of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
    if (!pair) break;
    node = (pair.value as Node | null) ?? (pair.key as Node);
  }
  return node;
}
