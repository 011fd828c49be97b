import type { Config } from "../config/config.ts";
import type { Render } from "../rules/render.ts";
import type { DoctorAccount } from "./account.ts";

/**
 * What a check came to: `ok`; `advice`, which somebody may want to follow; `unprotected`, where somebody gets further than
 * they should; `blocks`, where a delivery cannot work; `not-looked-at`, where it could not be asked, which is neither good
 * nor bad.
 */
export type FindingLevel = "ok" | "advice" | "unprotected" | "blocks" | "not-looked-at";

/** What a check says of one thing. */
export interface CheckResult {
  level: FindingLevel;
  /** A sentence. */
  says: string;
  /** What to do about it. */
  next?: string;
}

/** One thing that a check found. */
export interface Finding extends CheckResult {
  /** The check's id. */
  check: string;
  title: string;
}

/** A check. It only reads. */
export interface DoctorCheck<S = Subject> {
  /** Kebab-case; stable, for `--json`. */
  id: string;
  /** What it looks at, in a few words. */
  title: string;
  /** Looks at what `./slipway bootstrap` makes or writes, or at what only a delivery needs: not looked at before. */
  needsBootstrap?: boolean;
  /** Texts of failures that a finding of this check would explain. */
  explains?: RegExp;
  /** @throws SlipwayError where it cannot look */
  look(subject: S): Promise<CheckResult[]>;
}

/** GitHub's numbers for the owner and the repository. */
export type Ids = NonNullable<Config["git"]["ids"]>;

/** What is known of the tokens that GitHub will send; nothing where nobody can tell. */
export interface TokenFacts {
  ids?: Ids;
  /** Whether `sub` names them. */
  inSubject?: boolean;
}

/** What GitHub says of a run, in a job's environment. */
export interface WorkflowRun {
  /** `owner/name`. */
  repository: string;
  ids?: Ids;
}

/** What checks look at. */
export interface Subject {
  config: Config;
  /** A name under `environments` of slipway.yaml. */
  environment: string;
  /** The root folder of a checkout. */
  directory: string;
  /** How its manifests are rendered: by kubectl when left out. */
  render?: Render;
  /** What comes next: before `./slipway bootstrap`, what that makes is not missed. */
  before: "bootstrap" | "delivery";
  /** The run that this is part of; absent at a person's machine. */
  run?: WorkflowRun;
  tokens: () => Promise<TokenFacts>;
  /** The account of slipway.yaml. @throws SlipwayError without credentials, or with another account's */
  account: () => Promise<DoctorAccount>;
}
