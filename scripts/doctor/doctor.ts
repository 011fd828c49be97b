import { checks } from "../../actions/lib/doctor/checks.ts";
import { examine as examineBy } from "../../actions/lib/doctor/examine.ts";
import type { DoctorCheck, Finding } from "../../actions/lib/doctor/finding.ts";
import { branch, branchRules } from "./branch.ts";
import { environments } from "./environments.ts";
import type { GitHubCheck, GitHubSubject, MachineCheck, Whole } from "./finding.ts";
import { gitChecks } from "./git-settings.ts";
import { npmChecks } from "./npm-settings.ts";
import { repositoryChecks } from "./repository.ts";
import { toolChecks } from "./tools.ts";

export { describe } from "./describe.ts";

/** GitHub's settings. */
const gitHubChecks: readonly GitHubCheck[] = [...repositoryChecks, environments, branch, branchRules];

/** The machine of the person who asks. */
const machineChecks: readonly MachineCheck[] = [...toolChecks, ...gitChecks, ...npmChecks];

/** Every check, in the order in which they are told. */
export const allChecks: readonly DoctorCheck<Whole>[] = [...machineChecks, ...gitHubChecks, ...checks];

/** Looks at everything; changes nothing. */
export const examineAll = (subject: Whole): Promise<Finding[]> => examineBy(allChecks, subject);

/** Looks at GitHub's settings alone. */
export const examine = (subject: Omit<GitHubSubject, "before">): Promise<Finding[]> =>
  examineBy(gitHubChecks, { ...subject, before: "delivery" });
