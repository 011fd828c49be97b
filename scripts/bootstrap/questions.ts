import * as z from "zod";
import { configSchema } from "../../actions/lib/config/config.ts";
import { problemOfAdmin, problemOfAdmins } from "../../actions/lib/config/cluster-admins.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** What a bootstrap has to know, in the order in which it asks. */
export const questions = {
  account: {
    asks: "AWS account (12 digits)",
    problem: problemOf(z.string().regex(/^\d{12}$/, "use the 12 digits of the account")),
  },
  region: {
    asks: "AWS region",
    problem: problemOf(configSchema.shape.aws.shape.region),
  },
  repository: {
    asks: "Repository on GitHub (owner/name)",
    problem: problemOf(
      configSchema.shape.git.shape.repository.refine((name) => !isExample(name), {
        error: "this is the example's name; use the name of your own repository",
      }),
    ),
  },
  ids: {
    asks: 'GitHub\'s numbers for it (owner/repository, such as 123/456; "none" if it is older than July 2026 and was never renamed)',
    problem: problemOf(z.string().regex(/^([1-9]\d*\/[1-9]\d*|none)$/, 'use two numbers such as 123/456, or "none"')),
  },
  email: {
    asks: 'E-mail for the budget\'s warnings ("none" warns nobody)',
    problem: problemOf(
      z.string().refine((text) => text === "none" || z.email().safeParse(text).success, {
        error: 'use an e-mail address, or "none"',
      }),
    ),
  },
  admins: {
    asks: 'Who gets into the clusters besides the pipeline: ARNs of IAM roles or users, with commas ("none" lets nobody in)',
    problem: (text) => {
      const arns = arnsIn(text);
      return arns.map(problemOfAdmin).find((each) => each !== undefined) ?? problemOfAdmins(arns);
    },
  },
} as const satisfies Record<string, { asks: string; problem: (text: string) => string | undefined }>;

/** The name of a question, of its answer, and, after two hyphens, of its option. */
export type QuestionName = keyof typeof questions;

/** Every name. */
export const questionNames = Object.keys(questions) as QuestionName[];

/** What an answer about administrators names; nothing for "none". */
export const arnsIn = (text: string): string[] => (text === "none" ? [] : text.split(",").map((each) => each.trim()));

/** Whether a repository's name, or an account's number, is the one that slipway.yaml comes with. */
export const isExample = (text: string): boolean => text.startsWith("your-name/") || /^0{12}$/.test(text);

function problemOf(schema: z.ZodType): (text: string) => string | undefined {
  return (text) => schema.safeParse(text).error?.issues[0]?.message;
}

/** How answers are found: by options, by asking, or by what was found. */
export interface Interview {
  /** What the command line says. */
  given: Partial<Record<QuestionName, string>>;
  /** Asks the person; undefined where nobody is to be asked, and what was found counts. */
  ask: ((question: string) => Promise<string>) | undefined;
  log: (line: string) => void;
}

/** Answers one question after the other. */
export class Answering {
  readonly #interview: Interview;
  readonly #missing: QuestionName[] = [];

  constructor(interview: Interview) {
    this.#interview = interview;
  }

  /**
   * The answer to a question.
   *
   * @param found what to propose
   * @param more a problem of this answer that the question itself does not know of
   * @returns "" where there is none, which `end` tells
   * @throws SlipwayError for an option with a wrong value
   */
  async answer(name: QuestionName, found: string | undefined, more = noProblem): Promise<string> {
    const { given, ask, log } = this.#interview;
    const { asks, problem } = questions[name];
    const check = (text: string) => problem(text) ?? more(text);
    const option = given[name];
    if (option !== undefined) {
      const wrong = check(option);
      if (wrong) throw new SlipwayError(`--${name} is ${JSON.stringify(option)}: ${wrong}.`);
      return option;
    }
    if (ask) {
      for (;;) {
        const typed = (await ask(`${asks}${found === undefined ? "" : ` [${found}]`}:`)) || (found ?? "");
        const wrong = check(typed);
        if (!wrong) return typed;
        log(`  ${typed ? `"${typed}": ${wrong}` : "There is nothing to propose; please type it"}.`);
      }
    }
    const wrong = found === undefined ? undefined : check(found);
    if (wrong) throw new SlipwayError(`${asks} would be ${found}: ${wrong}.`, { next: `Say another with --${name}.` });
    if (found === undefined) this.#missing.push(name);
    return found ?? "";
  }

  /** @throws SlipwayError naming every answer that is missing */
  end(): void {
    if (this.#missing.length > 0) throw missing(this.#missing, "it cannot be found out");
  }
}

const noProblem = (_text: string): string | undefined => undefined;

/**
 * Refuses where nobody can be asked and the command line does not say everything.
 *
 * @throws SlipwayError naming what it has to say
 */
export function refuseSilence(given: Interview["given"]): void {
  const open = questionNames.filter((name) => given[name] === undefined);
  throw missing(open, "there is no terminal to ask at");
}

function missing(names: readonly QuestionName[], why: string): SlipwayError {
  const options = names.map((name) => `--${name}`).join(", ");
  const what = names.map((name) => `--${name}: ${questions[name].asks}`).join("; ");
  return new SlipwayError(
    names.length > 0
      ? `Bootstrap needs ${options}, and ${why} (${what}).`
      : "Bootstrap has no terminal to ask for a yes.",
    { next: "Say it by options; --yes takes what can be found out, and agrees to the plan.", reason: "no-answer" },
  );
}
