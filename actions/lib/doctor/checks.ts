import { ebsEncryption } from "./encryption.ts";
import type { DoctorCheck } from "./finding.ts";
import { leftovers } from "./leftovers.ts";
import { quotaChecks } from "./quotas.ts";
import { refusals } from "./refusals.ts";
import { regionChecks } from "./region.ts";
import { roleChecks } from "./roles.ts";
import { settingsChecks } from "./settings.ts";
import { stateChecks } from "./state.ts";

/** What can be looked at from a machine and from a job alike, in the order in which it is told. */
export const checks: readonly DoctorCheck[] = [
  ...settingsChecks,
  ...regionChecks,
  ...stateChecks,
  ...roleChecks,
  ...quotaChecks,
  ebsEncryption,
  refusals,
  leftovers,
];
