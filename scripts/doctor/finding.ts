import type { Config } from "../../actions/lib/config.ts";
import type { GitHubSettings } from "./github-settings.ts";

/**
 * What a check came to: `ok`; `advice`, where somebody may want it so; `missing`, where somebody gets further than they
 * should or a delivery cannot work; `unknown`, where it could not be looked at.
 */
export type Level = "ok" | "advice" | "missing" | "unknown";

/** One thing that a check found. */
export interface Finding {
  /** The check's name. */
  check: string;
  level: Level;
  /** A sentence. */
  says: string;
  /** What to do about it. */
  next?: string;
}

/** What checks look at. */
export interface Subject {
  config: Config;
  github: GitHubSettings;
}

/** A check; each has a file of its own. It only reads. */
export interface Check {
  /** Kebab-case. */
  name: string;
  /** @throws SlipwayError where it cannot look */
  look(subject: Subject): Promise<Omit<Finding, "check">[]>;
}
