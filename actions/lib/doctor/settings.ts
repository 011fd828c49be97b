import * as z from "zod";
import { environmentOf } from "../config/config.ts";
import { describeEnd, leasesOf } from "../lifecycle/lease.ts";
import { costOf, hoursPerMonth } from "../prices/prices.ts";
import { billablesOf, demandsIn } from "../prices/environment.ts";
import { parseYaml } from "../core/yaml.ts";
import type { DoctorCheck, CheckResult, Ids, Subject } from "./finding.ts";
import { foldersIn, readIfThere } from "./manifests.ts";

/** slipway.yaml names the repository that it is in. */
const repository: DoctorCheck = {
  id: "git-repository",
  title: "the repository in slipway.yaml",
  explains: /did not let this job take on/,
  async look({ config, run, tokens }) {
    const { repository: named, ids } = config.git;
    const found: CheckResult[] = [];
    if (named.startsWith("your-name/"))
      found.push({
        level: "blocks",
        says: `slipway.yaml still names the repository ${named}.`,
        next: 'Write your own repository as owner/name under "git.repository".',
      });
    else if (run && run.repository.toLowerCase() !== named.toLowerCase())
      found.push({
        level: "blocks",
        says: `This run is of ${run.repository}, and slipway.yaml names ${named}: the roles in AWS trust that one.`,
        next: `Write ${run.repository} under "git.repository" in slipway.yaml, and run ./slipway bootstrap again.`,
      });
    if (run?.ids && ids && (run.ids.owner !== ids.owner || run.ids.repository !== ids.repository))
      found.push(wrongIds(run.ids));
    if (run?.ids && !ids && (await tokens()).inSubject)
      found.push({
        level: "blocks",
        says: "GitHub's tokens have ids in their sub, and slipway.yaml names none, so no role in AWS trusts them.",
        next: `${writeIds(run.ids)}, and run ./slipway bootstrap again.`,
      });
    return found.length > 0 ? found : [{ level: "ok", says: `It is ${named}.` }];
  },
};

/** What to say of `git.ids` that are not GitHub's. */
export function wrongIds(ids: Ids): CheckResult {
  return {
    level: "blocks",
    says: "The ids in slipway.yaml are not those of the repository on GitHub, and the roles in AWS trust only those.",
    next: `${writeIds(ids)}, and run ./slipway bootstrap again.`,
  };
}

/** How slipway.yaml says the ids. */
export function writeIds({ owner, repository: id }: Ids): string {
  return `Write "ids: { owner: ${owner}, repository: ${id} }" under "git" in slipway.yaml`;
}

const argocdSettings = z.looseObject({ data: z.looseObject({ url: z.string(), branch: z.string() }) });
const settingsFile = "gitops/bootstrap/settings/repository.yaml";

/** Argo CD is told the same repository and branch as slipway.yaml. */
const argocd: DoctorCheck = {
  id: "argocd-repository",
  title: "the repository in Argo CD's settings",
  needsBootstrap: true,
  explains: /authentication required|repository not found|ComparisonError|Unable to resolve/i,
  async look({ config, directory }) {
    const text = await readIfThere(directory, settingsFile);
    if (text === undefined)
      return [{ level: "blocks", says: `${settingsFile} is missing.`, next: "Take it back from git." }];
    const { url, branch } = parseYaml(
      argocdSettings,
      text,
      settingsFile,
      "It is a ConfigMap with url and branch.",
    ).data;
    const found: CheckResult[] = [];
    const path = url
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .slice(-2)
      .join("/");
    if (path.toLowerCase() !== config.git.repository.toLowerCase())
      found.push({
        level: "blocks",
        says: `Argo CD is told to follow ${url}, and slipway.yaml names ${config.git.repository}.`,
        next: `Write https://github.com/${config.git.repository}.git as "url" in ${settingsFile}, and commit it.`,
      });
    if (branch !== config.git.branch)
      found.push({
        level: "blocks",
        says: `Argo CD is told to follow the branch "${branch}", and slipway.yaml names "${config.git.branch}".`,
        next: `Write ${config.git.branch} as "branch" in ${settingsFile}, and commit it.`,
      });
    return found.length > 0 ? found : [{ level: "ok", says: `Argo CD follows ${url}, branch ${branch}.` }];
  },
};

/** The environment has its folder for Argo CD. */
const folders: DoctorCheck = {
  id: "environment-folders",
  title: "the environment's folders in gitops/",
  explains: /gitops\/bootstrap|no such file|lstat|must build at directory/i,
  async look({ environment, directory }) {
    const bootstraps = await foldersIn(directory, "gitops", "bootstrap");
    if (!bootstraps.includes(environment))
      return [
        {
          level: "blocks",
          says: `The environment ${environment} has no folder gitops/bootstrap/${environment}, from which Argo CD is installed.`,
          next: "Copy that of another environment, and write the new name in it.",
        },
      ];
    const apps = await foldersIn(directory, "gitops", "apps");
    const overlays = await Promise.all(apps.map((app) => foldersIn(directory, "gitops", "apps", app, "overlays")));
    const without = apps.filter((_, index) => !overlays[index]?.includes(environment));
    if (apps.length > 0 && without.length === apps.length)
      return [
        {
          level: "advice",
          says: `No app has an overlay for ${environment}, so nothing will run there.`,
          next: `Copy an overlay of each app to gitops/apps/<app>/overlays/${environment}, with "images: []".`,
        },
      ];
    return [{ level: "ok", says: `${apps.length - without.length} apps have an overlay for ${environment}.` }];
  },
};

const workflowFile = ".github/workflows/deliver.yml";
const workflow = z.looseObject({ on: z.looseObject({ push: z.looseObject({ branches: z.array(z.string()) }) }) });

/** A push to the branch of slipway.yaml starts the workflow. */
const deliverBranch: DoctorCheck = {
  id: "deliver-branch",
  title: "the branch whose pushes are delivered",
  async look({ config, directory }) {
    const text = await readIfThere(directory, workflowFile);
    // A job that plans has not checked it out.
    if (text === undefined) return [];
    const { branches } = parseYaml(workflow, text, workflowFile, 'It is started by "on.push.branches".').on.push;
    if (branches.includes(config.git.branch))
      return [{ level: "ok", says: `Pushes to ${config.git.branch} are delivered.` }];
    return [
      {
        level: "blocks",
        says: `${workflowFile} is started by pushes to ${branches.join(", ")}, and slipway.yaml names "${config.git.branch}".`,
        next: `Write [${config.git.branch}] under "on.push.branches" in ${workflowFile}; ci.yml, destroy.yml and lease.yml may name it, too.`,
      },
    ];
  },
};

/** Nothing is delivered to an environment whose lease has ended. */
const lease: DoctorCheck = {
  id: "lease",
  title: "the environment's lease",
  needsBootstrap: true,
  look({ config, environment }) {
    const found = leasesOf(config, new Date()).find((each) => each.environment === environment);
    if (!found) return Promise.resolve([{ level: "ok", says: `${environment} has no end.` }]);
    const ends = describeEnd(found.until);
    if (found.state === "running") return Promise.resolve([{ level: "ok", says: `${environment} ends on ${ends}.` }]);
    const next = `./slipway lease ${environment} --until DATE keeps it longer (or --off); commit what it writes.`;
    return Promise.resolve([
      found.state === "ended"
        ? { level: "blocks", says: `The lease of ${environment} ended on ${ends}: nothing is delivered to it.`, next }
        : { level: "advice", says: `The lease of ${environment} ends on ${ends}.`, next },
    ]);
  },
};

/** Somebody is told what it costs, before it costs more than they meant. */
const budget: DoctorCheck = {
  id: "budget",
  title: "the budget",
  async look(subject) {
    const { config, environment } = subject;
    const { monthlyUsd, email } = environmentOf(config, environment).budget;
    const found: CheckResult[] = [];
    if (email === undefined)
      found.push({
        level: "advice",
        says: "The budget warns nobody.",
        next: `Write your address as "budget.email" of ${environment} in slipway.yaml.`,
      });
    const usd = await monthly(subject);
    if (usd !== undefined && usd > monthlyUsd)
      found.push({
        level: "advice",
        says: `${environment} costs about ${usd} USD a month, and its budget is ${monthlyUsd}: it warns every month.`,
        next: `Write a higher "budget.monthlyUsd" in slipway.yaml, or fewer or smaller nodes.`,
      });
    if (found.length > 0) return found;
    return [
      {
        level: "ok",
        says: `${monthlyUsd} USD a month, and ${email} is warned${usd === undefined ? "" : `; about ${usd} are expected`}.`,
      },
    ];
  },
};

/** About what an environment costs a month in whole US dollars; undefined where a price is not known. */
async function monthly({ config, environment, directory, render }: Subject): Promise<number | undefined> {
  const billables = billablesOf(environmentOf(config, environment), await demandsIn(directory, render));
  const { perHour, unknown } = costOf(billables, config.aws.region);
  return unknown.length > 0 ? undefined : Math.round(perHour * hoursPerMonth);
}

/** slipway.yaml against the repository that it is in; nobody has to be asked. */
export const settingsChecks: readonly DoctorCheck[] = [repository, argocd, folders, deliverBranch, lease, budget];
