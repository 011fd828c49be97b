import type { KeyParts } from "../images/content-key.ts";
import { SlipwayError } from "../core/errors.ts";
import { type RetryClock, outagePatience, pauseAfterOutage, systemClock, whyUnreachable } from "../git/outages.ts";
import { formatDuration } from "../core/summary.ts";
import { computeChanges, type ImageChange, type ReleaseRequest, recordedSources } from "./changes.ts";
import { Unreachable } from "./failures.ts";
import { newerOnBranch } from "./history.ts";
import { releaseMessage } from "./message.ts";
import { type FindDigests, supersededImages } from "./newest.ts";
import type { Remote } from "./remote.ts";
import { type PushResult, ReleaseRepository, type Snapshot } from "./repository.ts";

/** What a release came to. `commit` is one whose tree holds what was asked for, or the branch's last. */
export interface ReleaseOutcome {
  result: "released" | "unchanged" | "held" | "superseded" | "proposed";
  commit: string;
  attempts: number;
  images: ImageChange[];
  /** For `superseded`: the source that a newer release recorded, or the branch's last commit. */
  newer?: string;
  /** For `proposed`: the branch that holds the commit. */
  branch?: string;
}

/** How a release is carried out. */
export interface ReleaseOptions {
  remote: Remote;
  request: ReleaseRequest;
  /** Asked only when the branch has newer commits, about images that they changed. */
  findDigests: FindDigests;
  /** What is part of the keys of `request`; the keys of the branch's newest images get it, too. */
  keys?: KeyParts;
  /** A clone of the repository: what it has of the files to read is not fetched. */
  checkout?: string;
  /** `push` to the branch, or onto a branch of its own for a pull request; `push` when left out. */
  mode?: "push" | "pull-request";
  /** Called with one line about each attempt that has to be repeated. */
  onRetry?: (line: string) => void;
  /** Milliseconds until the last attempt begins, whatever the earlier ones met; 120 s when left out. */
  patience?: number;
  /** What tells the time; the machine's clock when left out. */
  clock?: RetryClock;
}

const longestPause = 10_000;

/**
 * Puts the images of all apps on the branch in one commit, or none.
 *
 * A race is never merged: the branch is fetched and the change computed again. The older of two releases never
 * overwrites the newer one, in whichever order they arrive: see `newerOnBranch` and `supersededImages`.
 *
 * @throws SlipwayError when an image is missing, a file is malformed, the remote refuses for good, or the time is up
 */
export async function releaseToGit(options: ReleaseOptions): Promise<ReleaseOutcome> {
  const { clock = systemClock, patience = outagePatience } = options;
  await using repository = await ReleaseRepository.open(options.remote, options.checkout);
  const sources: Sources = { older: new Set() };
  const met: Met = { races: 0, outages: 0, outagesInARow: 0, began: clock.now() };
  let made: Snapshot | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const began = clock.now();
    const attempt = await tryOnce(options, repository, sources, made).catch(unreachable);
    if ("outcome" in attempt) return { ...attempt.outcome, attempts };
    made = attempt.made ?? made;
    const raced = attempt.failure === "raced";
    met[raced ? "races" : "outages"] += 1;
    met.outagesInARow = raced ? 0 : met.outagesInARow + 1;
    const left = met.began + patience - clock.now();
    if (left <= 0) throw exhausted(attempt, met, clock.now(), options);
    const pause = Math.min(
      raced ? pauseAfterRace(met.races, clock.now() - began) : pauseAfterOutage(met.outagesInARow),
      left,
    );
    options.onRetry?.(describeRepeat(attempt, attempts, met, pause));
    await clock.sleep(pause);
  }
}

/** What the attempts so far have met; races and outages are counted apart, because they call for other remedies. */
interface Met {
  races: number;
  outages: number;
  outagesInARow: number;
  /** When the first attempt began. */
  began: number;
}

/**
 * Milliseconds to wait after a race that was lost in `duration`. What another writer can lose a race against is one
 * attempt long, here and there: the wait is counted in attempts, for as many writers as there may be by now.
 */
function pauseAfterRace(races: number, duration: number): number {
  return Math.random() * Math.min(duration * Math.min(2 ** races, 8), longestPause);
}

function describeRepeat({ failure }: Repeat, attempts: number, met: Met, pause: number): string {
  if (failure === "raced")
    return `Attempt ${attempts}: another push was faster (${met.races} so far); computing again on its commit.`;
  const seconds = (pause / 1000).toFixed(1);
  return `Attempt ${attempts}: the repository could not be reached (${met.outages} so far): ${whyUnreachable(failure)}. Trying again in ${seconds} s.`;
}

interface Repeat {
  failure: Exclude<PushResult, "pushed">;
  made?: Snapshot;
}

type Attempt = { outcome: Omit<ReleaseOutcome, "attempts"> } | Repeat;

/** The recorded sources that are known to be no newer than ours; this never changes while a release runs. */
interface Sources {
  older: Set<string>;
}

async function tryOnce(
  options: ReleaseOptions,
  repository: ReleaseRepository,
  sources: Sources,
  made: Snapshot | undefined,
): Promise<Attempt> {
  const { request, mode = "push" } = options;
  const apps = new Set(request.images.map((each) => each.app));
  const tip = await repository.fetch({ proposals: mode === "pull-request" });
  const overlays = await repository.overlays(tip, apps, request.environment);
  let { images, files } = computeChanges(request, overlays);
  // Our push may have arrived although its answer did not.
  if (made && tip.commit === made.commit) return { outcome: { result: "released", commit: tip.commit, images } };
  if (files.size === 0) {
    const held = images.some((each) => each.state === "held");
    return { outcome: { result: held ? "held" : "unchanged", commit: tip.commit, images } };
  }
  const recorded = recordedSources(overlays, request.environment);
  const name = `release-${request.environment}`;
  const proposal = mode === "pull-request" ? await repository.proposal(name) : undefined;
  if (proposal) {
    const proposed = await repository.overlays(proposal, apps, request.environment);
    for (const source of recordedSources(proposed, request.environment)) recorded.add(source);
  }
  const newer = await newerSource(options, sources, tip, recorded);
  if (newer) return { outcome: { result: "superseded", commit: tip.commit, images, newer } };

  const superseded = await supersededBy(tip, images, repository, options);
  if (superseded.size > 0) {
    ({ images, files } = computeChanges(request, overlays, superseded));
    if (files.size === 0) return { outcome: { result: "superseded", commit: tip.commit, images, newer: tip.commit } };
  }

  const commit = await repository.commit({
    parent: tip,
    message: releaseMessage(request, images),
    files,
  });
  if (mode === "push") {
    const pushed = await repository.push();
    if (pushed !== "pushed") return { failure: pushed, made: commit };
    return { outcome: { result: "released", commit: commit.commit, images } };
  }
  const branch = `slipway/${name}`;
  // The same files on the same branch: what is proposed already stays as it is, with its reviews.
  if (proposal?.tree === commit.tree)
    return { outcome: { result: "proposed", commit: proposal.commit, images, branch } };
  const pushed = await repository.propose(name, proposal);
  if (pushed !== "pushed") return { failure: pushed, made: commit };
  return { outcome: { result: "proposed", commit: commit.commit, images, branch } };
}

async function newerSource(
  { remote, request }: ReleaseOptions,
  { older }: Sources,
  tip: Snapshot,
  recorded: ReadonlySet<string>,
): Promise<string | undefined> {
  // What is on the branch is contained in its last commit, so a release of that one is never late.
  if (tip.commit === request.source) return undefined;
  const unknown = [...recorded].filter((source) => !older.has(source));
  const newer = await newerOnBranch(remote, request.source, unknown);
  for (const source of unknown) if (!newer.has(source)) older.add(source);
  return [...newer][0];
}

/** The images to leave as they are, because the branch's last commit wants them so. */
async function supersededBy(
  tip: Snapshot,
  images: readonly ImageChange[],
  repository: ReleaseRepository,
  { request, findDigests, keys }: ReleaseOptions,
): Promise<Set<string>> {
  if (tip.commit === request.source || (await repository.sameSources(request.source, tip))) return new Set();
  const newest = await repository.images(tip, keys);
  return newest ? supersededImages(images, newest, findDigests) : new Set();
}

/** A fetch that failed on its way is worth another attempt; everything else is final. */
function unreachable(error: unknown): Repeat {
  if (error instanceof Unreachable) return { failure: error };
  throw error;
}

function exhausted({ failure }: Repeat, met: Met, now: number, { remote }: ReleaseOptions): SlipwayError {
  const time = formatDuration(now - met.began);
  const attempts = (count: number) => `${count} ${count === 1 ? "attempt" : "attempts"}`;
  const races = `${attempts(met.races)} lost against other pushes to ${remote.branch}`;
  const outages = `${attempts(met.outages)} could not reach ${remote.url}`;
  if (failure === "raced")
    return new SlipwayError(`Nothing was released in ${time}: ${races}${met.outages > 0 ? `, ${outages}` : ""}.`, {
      next: "Run the job again when the branch is quieter.",
      reason: "push-race",
    });
  const why = whyUnreachable(failure);
  return new SlipwayError(`Nothing was released in ${time}: ${outages} (${why})${met.races > 0 ? `, ${races}` : ""}.`, {
    next: "Run the job again; githubstatus.com tells of outages.",
    reason: "unreachable",
    cause: failure,
  });
}
