import { messageOf } from "../core/errors.ts";
import { namespaceRules } from "./namespace.ts";
import { objectRules } from "./objects.ts";
import { podRules } from "./pods.ts";
import { publicName } from "./public-name.ts";
import type { AppManifests, Violation, Rule } from "./rule.ts";
import { workloadRules } from "./workloads.ts";

/** Everything that an app owes in addition to Kubernetes' own schemas. */
export const rules: readonly Rule[] = [...namespaceRules, ...objectRules, publicName, ...podRules, ...workloadRules];

/** One way in which an app breaks a rule. */
export interface AppViolation extends Violation {
  /** The rule's id. */
  rule: string;
}

/**
 * Holds the manifests of one app in one environment against every rule.
 *
 * @returns each fault, in the order of the rules; a rule that cannot be applied is a fault, too
 */
export function findFaults(app: AppManifests): AppViolation[] {
  return rules.flatMap((rule) => {
    try {
      return rule.find(app).map((finding) => ({ rule: rule.id, ...finding }));
    } catch (error) {
      return [{ rule: rule.id, text: `cannot be checked: ${messageOf(error)}` }];
    }
  });
}

/** A fault as one line: `Deployment/api: may run as root [non-root]`. */
export function describeFault({ rule, object, text }: AppViolation): string {
  return `${object ? `${object}: ` : ""}${text} [${rule}]`;
}
