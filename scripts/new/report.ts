import type { Config } from "../../actions/lib/config/config.ts";
import { reviewedBy } from "../bootstrap/github-steps.ts";
import { protectEnvironment } from "../doctor/environments.ts";
import type { NewApp } from "./app.ts";
import type { NewEnvironment } from "./environment.ts";

/** Something that a person does next. */
export interface NextStep {
  title: string;
  /** The page where it is done. */
  link?: string;
  commands: readonly string[];
}

/**
 * What is left to do after an app was written.
 *
 * @param fresh whether the documents that count the apps were written again
 */
export function stepsAfterApp({ app, wrote }: NewApp, { git, deliver }: Config, fresh: boolean): NextStep[] {
  const regenerate = { title: "Write the documents that count the apps again.", commands: ["./slipway generate"] };
  return [
    ...(fresh ? [] : [regenerate]),
    { title: "See that all is well; change what you like.", commands: ["./slipway test lint unit"] },
    {
      title: `Push it: that delivers it to ${deliver}, and the proof has its address.`,
      link: `https://github.com/${git.repository}/actions`,
      commands: [commitAndPush(wrote, `Add the app ${app}`, git.branch)],
    },
  ];
}

/** What is left to do by a person after an environment was written. */
export function stepsAfterEnvironment(written: NewEnvironment): NextStep[] {
  const { environment, like, leftOut, mentions, network, wrote, config } = written;
  const { repository, branch } = config.git;
  const settings = `https://github.com/${repository}/settings/environments`;
  const without = leftOut.length > 0 ? ` It has no ${leftOut.join(", ")}: that of ${like} is not copied.` : "";
  return [
    {
      title: `Read its entry in slipway.yaml: all is as for ${like}, but the network is ${network}.${without}`,
      commands: [],
    },
    ...mentions.map((path) => ({ title: `Read ${path}: it still speaks of ${like}.`, commands: [] })),
    {
      title: "Bootstrap again, signed in to AWS as an administrator: the environment has a role of its own.",
      commands: ["./slipway bootstrap"],
    },
    {
      title: `Make the environment ${environment} on GitHub, and let only ${branch} use it.`,
      link: settings,
      commands: [protectEnvironment(repository, environment, branch)],
    },
    {
      title: "Name reviewers where somebody should approve each apply; leave it where nobody has to.",
      link: settings,
      commands: [reviewedBy(repository, environment)],
    },
    {
      title: "Push it. ./slipway doctor says what is missing.",
      commands: [commitAndPush(wrote, `Add the environment ${environment}`, branch), `./slipway doctor ${environment}`],
    },
    {
      title: `Deliver to it; a push still goes to ${config.deliver}. It costs money from then on.`,
      link: `https://github.com/${repository}/actions/workflows/deliver.yml`,
      commands: [`gh workflow run deliver.yml --ref ${branch} -f environment=${environment}`],
    },
  ];
}

/** The command that commits paths and pushes. No name in it holds a sign that a shell knows. */
export const commitAndPush = (paths: readonly string[], message: string, branch: string): string =>
  `git add ${paths.join(" ")} && git commit -m "${message}" && git push origin ${branch}`;

/** What was written and what is left to do, as a person reads it. @param title what was written */
export function describeNew(title: string, wrote: readonly string[], steps: readonly NextStep[]): string {
  return [
    title,
    ...wrote.map((path) => `  ${path}`),
    "",
    "What comes next:",
    ...steps.flatMap(({ title, link, commands }, index) => [
      `${index + 1}. ${title}`,
      ...[link ?? [], commands].flat().map((line) => `   ${line}`),
    ]),
  ].join("\n");
}
