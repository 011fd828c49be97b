import type { DoctorCheck as AnyCheck, Subject } from "../../actions/lib/doctor/finding.ts";
import type { Config } from "../../actions/lib/config/config.ts";
import type { GitHubSettings } from "./github-settings.ts";
import type { Machine } from "./machine.ts";

/** What checks of GitHub's settings look at. */
export interface GitHubSubject {
  config: Config;
  github: GitHubSettings;
  before: Subject["before"];
}

/** What checks of the machine look at. */
export interface MachineSubject {
  config: Config;
  machine: Machine;
  before: Subject["before"];
}

/** Everything that a person's doctor looks at. */
export type Whole = Subject & GitHubSubject & MachineSubject;

/** A check of GitHub's settings. */
export type GitHubCheck = AnyCheck<GitHubSubject>;

/** A check of the machine. */
export type MachineCheck = AnyCheck<MachineSubject>;
