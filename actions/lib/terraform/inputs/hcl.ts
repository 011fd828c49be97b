/*
 * The words of Terraform's language, as far as is needed to find calls and blocks: what is a comment, what is text and
 * what is an expression inside of text. The parsers of npm for it are compiled Go or WebAssembly of several megabytes.
 * https://github.com/hashicorp/hcl/blob/v2.23.0/hclsyntax/spec.md
 */

/** A word, a sign, or a text with the expressions inside of it. */
export type Token =
  { kind: "word" | "sign"; text: string; line: number } | { kind: "text"; parts: TextPart[]; line: number };
/** A piece of a text as it is written, or the words of an expression in `${}` or `%{}`. */
export type TextPart = string | Token[];

/** The words of a file of configuration, comments left out. A file that Terraform cannot read gives some words, too. */
export function tokensOf(source: string): Token[] {
  return new Lexer(source).code();
}

/** The parts of a template file. */
export function templateOf(source: string): TextPart[] {
  return new Lexer(source).template(() => false, false);
}

class Lexer {
  readonly #source: string;
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  /** Reads code to the end, or to the brace that ends an expression inside of a text. */
  code(inText = false): Token[] {
    const tokens: Token[] = [];
    for (let depth = 0; this.#at < this.#source.length;) {
      const line = this.#line;
      if (this.#take(/\s+|(#|\/\/)[^\n]*|\/\*[^]*?\*\//y)) continue;
      const heredoc = this.#take(/<<-?([\p{L}_][\p{L}\p{N}_-]*)[^\S\n]*\n/uy)?.[1];
      if (heredoc) {
        const end = new RegExp(`(?<=\\n)[^\\S\\n]*${heredoc}(?=\\r?\\n|$)`, "uy");
        tokens.push({ kind: "text", parts: this.template(() => this.#take(end) !== undefined, false), line });
        continue;
      }
      if (this.#take(/"/y)) {
        tokens.push({ kind: "text", parts: this.template(() => this.#take(/"/y) !== undefined, true), line });
        continue;
      }
      const word = this.#take(/[\p{L}_][\p{L}\p{N}_-]*(::[\p{L}_][\p{L}\p{N}_-]*)*/uy)?.[0];
      const text = word ?? this.#take(/\d[\w.]*|[=!<>]=|&&|\|\||=>|[^]/uy)?.[0] ?? "";
      if (text === "{") depth += 1;
      if (text === "}") depth -= 1;
      if (depth < 0 && inText) break;
      tokens.push({ kind: word ? "word" : "sign", text, line });
    }
    return tokens;
  }

  /** Reads text until `ends` has taken its end. @param escapes whether a backslash takes the next character with it */
  template(ends: () => boolean, escapes: boolean): TextPart[] {
    const parts: TextPart[] = [];
    let text = "";
    while (this.#at < this.#source.length && !ends()) {
      const plain = this.#take(/[^$%"\\\n]+|\$\$\{|%%\{/y) ?? (escapes ? this.#take(/\\[^]/y) : undefined);
      if (!plain && this.#take(/[$%]\{~?/y)) {
        parts.push(text, this.code(true));
        text = "";
      } else text += (plain ?? this.#take(/[^]/y))?.[0] ?? "";
    }
    return [...parts, text].filter((part) => part !== "");
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (!found) return undefined;
    this.#at += found[0].length;
    this.#line += found[0].split("\n").length - 1;
    return found;
  }
}
