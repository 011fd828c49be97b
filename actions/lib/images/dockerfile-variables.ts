/** A variable, in braces also with what to take when it is set (`+`) or not (`-`). */
const PIECE = /^\$(\w+)|^\$\{(\w+)(?:(:?[-+])((?:[^{}]|\$\{[^{}]*\})*))?\}/;

/**
 * Replaces variables and removes quotes in one word of a Dockerfile, as BuildKit does:
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 *
 * @param variables the value of each that is declared; `undefined` for one without a default
 * @param escape the file's escape character
 * @returns `undefined` when it depends on what is not known before the build
 */
export function expandVariables(
  word: string,
  variables: ReadonlyMap<string, string | undefined>,
  escape: string,
): string | undefined {
  let result = "";
  let quote = "";
  for (let at = 0; at < word.length;) {
    const char = word[at] ?? "";
    const next = word[at + 1];
    if (char === quote || (quote === "" && (char === '"' || char === "'"))) {
      quote = quote === "" ? char : "";
      at += 1;
    } else if (char === escape && quote !== "'" && next !== undefined) {
      result += next;
      at += 2;
    } else if (char === "$" && quote !== "'") {
      const piece = PIECE.exec(word.slice(at));
      const value = piece && valueOf(piece, variables, escape);
      if (!piece || value === undefined || value === null) return undefined;
      result += value;
      at += piece[0].length;
    } else {
      result += char;
      at += 1;
    }
  }
  return result;
}

function valueOf(
  [, plain, braced, rule, other = ""]: RegExpExecArray,
  variables: ReadonlyMap<string, string | undefined>,
  escape: string,
): string | undefined {
  const name = plain ?? braced ?? "";
  const value = variables.get(name);
  if (rule === undefined) return value;
  // One that the builder sets, such as TARGETARCH, is not known here.
  if (!variables.has(name) && BUILDER.test(name)) return undefined;
  const isSet = rule.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  if (rule.endsWith("-")) return isSet ? value : expandVariables(other, variables, escape);
  return isSet ? expandVariables(other, variables, escape) : "";
}

/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
const BUILDER = /^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)$/;
