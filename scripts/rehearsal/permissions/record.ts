import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { authorizationsOf } from "./authorizations.ts";
import type { AwsCall } from "./calls.ts";
import type { Authorization, AwsPlace } from "./resources.ts";

const folder = join(import.meta.dirname, "calls");

/** When this is set, whoever makes calls as a role adds them to the record. */
export const recordVariable = "SLIPWAY_RECORD_CALLS";

/** Credentials for a test that takes on no role, and does what a role of the pipeline does. */
export const roleKey = {
  accessKeyId: "role",
  secretAccessKey: "role",
  /** For the proxy: whose they are. */
  of: (role: string) => ({ role }),
};

/** What is called otherwise wherever calls are recorded. */
export interface RecordedNames extends AwsPlace {
  project: string;
  /** Several are divided by `|`. */
  environment: string;
  domain?: string | undefined;
}

/** What stands in the record for the names; policies are evaluated with the same. */
export const placeholders = {
  project: "PROJECT",
  environment: "ENVIRONMENT",
  account: "ACCOUNT",
  region: "REGION",
  domain: "DOMAIN",
} as const;

/** An authorization that a role needs. */
export interface RecordedCall extends Authorization {
  /** For example `apply-ENVIRONMENT`: the role's name without the project's. */
  role: string;
}

/** Tags that a policy may speak of; others, such as a thing's name, say nothing of whose it is. */
const knownTag =
  /^aws:(?:Request|Resource)Tag\/(?:slipway:(?:project|environment|managed-by)|kubernetes\.io\/cluster\/.*|elbv2\.k8s\.aws\/cluster|cluster\.k8s\.amazonaws\.com\/name|GuardDutyManaged|(?:aws:)?eks:cluster-name)$/;

/** What is another one each time, or another one in each repository. */
const passing: readonly (readonly [RegExp, string])[] = [
  [/(?<=:repository\/PROJECT\/).*/, "*"],
  [/(?<=:key\/).*/, "*"],
  [/(?<=:certificate\/).*/, "*"],
  [/(?<=:(?:hostedzone|change)\/).*/, "*"],
  [/(?<=:(?:loadbalancer|targetgroup)\/).*/, "*"],
  [/(?<=:oidc-provider\/.*\/id\/).*/, "*"],
  [/(?<=:instance-profile\/)(?!PROJECT-).*/, "*"],
  [/(?<=:podidentityassociation\/[^/]+\/).*/, "*"],
  [/(?<=:(?:access-entry|addon|nodegroup)\/.*\/)[0-9a-f-]{36}$/, "*"],
  [/(?<=\/reports\/).*/, "*"],
  [/(?<=:secret:PROJECT[/-]ENVIRONMENT\/).*/, "*"],
  [/(?<=^|,)_[^.,]*(?=\.DOMAIN)/g, "_proof"],
  [/(?<=^|,)[^.,_*]+(?=\.DOMAIN)/g, "app"],
  [/(?<=:log-group:\/aws\/containerinsights\/PROJECT-ENVIRONMENT\/).*/, "*"],
];

/** The lines of calls, sorted, each once. */
export async function linesOf(calls: readonly AwsCall[], names: RecordedNames): Promise<string[]> {
  const lines = new Set<string>();
  for (const call of calls)
    for (const { action, resource, context } of await authorizationsOf(call, names)) {
      const kept = Object.entries(context).filter(
        ([key]) => !/^aws:(Request|Resource)Tag\//.test(key) || knownTag.test(key),
      );
      const words = kept.map(
        ([key, value]) => `${inGeneral(key, names)}=${encodeURI(withoutIds(inGeneral(value, names)))}`,
      );
      const role = inGeneral(call.role, names).replace(/^PROJECT-/, "");
      lines.add([role, action, withoutIds(inGeneral(resource, names)), ...words.sort()].join(" "));
    }
  return [...lines].sort();
}

/** A text with placeholders for the names. */
function inGeneral(text: string, { project, environment, account, region, domain }: RecordedNames): string {
  const word = (name: string) =>
    new RegExp(`(?<![a-z0-9])(?:${name.replaceAll(".", "\\.")})(?![a-z0-9]|:(?:project|environment|managed-by))`, "g");
  const named = domain === undefined ? text : text.replace(word(domain), placeholders.domain);
  return named
    .replace(word(account), placeholders.account)
    .replace(word(region), placeholders.region)
    .replace(word(project), placeholders.project)
    .replace(word(environment), placeholders.environment);
}

const withoutIds = (resource: string) =>
  passing.reduce((text, [pattern, instead]) => text.replace(pattern, instead), resource);

/** Reads a line of the record. */
export function parseLine(line: string): RecordedCall {
  const [role = "", action = "", resource = "", ...words] = line.split(" ");
  const context = words.map((word) => {
    const at = word.indexOf("=");
    return [word.slice(0, at), decodeURI(word.slice(at + 1))];
  });
  return { role, action, resource, context: Object.fromEntries(context) as Record<string, string> };
}

/** All lines of the record, each once. */
export async function readRecord(): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".txt"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return [...new Set(texts.flatMap((text) => text.split("\n").filter((line) => line !== "")))].sort();
}

/**
 * Adds what a rehearsal or a test has seen to its own file of the record, where that is asked for. Who deletes the file
 * before has it written again.
 *
 * @param name of the file, without its ending
 */
export async function record(name: string, calls: readonly AwsCall[], names: RecordedNames): Promise<void> {
  if (!process.env[recordVariable]) return;
  const file = join(folder, `${name}.txt`);
  await mkdir(folder, { recursive: true });
  const before = await readFile(file, "utf8").catch(() => "");
  const all = new Set([...before.split("\n").filter((line) => line !== ""), ...(await linesOf(calls, names))]);
  await writeFile(file, `${[...all].sort().join("\n")}\n`);
}
