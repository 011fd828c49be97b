import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { git } from "../../actions/lib/git.ts";
import type { WantedImage } from "../../actions/lib/gitops/changes.ts";
import { renderImagesFile } from "../../actions/lib/gitops/images-file.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { releaseToGit } from "../../actions/lib/gitops/release.ts";
import { type Remote, remoteFromEnvironment } from "../../actions/lib/gitops/remote.ts";
import { startTestRemote, type TestRemote } from "../../actions/lib/gitops/test-remote.ts";
import { ProcessError, run } from "../../actions/lib/process.ts";
import { compile } from "../rehearsal/tools/go.ts";
import { textTable } from "../text-table.ts";

/*
 * P7 and P8 of the performance goals: new digests committed by a release, against what most pipelines do instead: a
 * clone of depth 1, `kustomize edit set image` for each app, a commit, a push, and `pull --rebase` when it is refused.
 *   node scripts/bench/release.ts [--runs 3]
 */

const environment = "dev";
const token = "bench";
const digest = (round: number) => `sha256:${round.toString(16).padStart(64, "0")}`;
const newName = (name: string) => `000000000000.dkr.ecr.us-east-1.amazonaws.com/bench/${name}`;

interface World extends AsyncDisposable {
  server: TestRemote;
  remote: Remote;
  source: string;
  apps: string[];
  /** The job's checkout, of depth 1. */
  checkout: string;
}

/** A repository with so many apps, all released once, each with so many files of source. */
async function world(count: number, sources: number): Promise<World> {
  const server = await startTestRemote(token);
  const apps = Array.from({ length: count }, (_, index) => `app${index}`);
  const files: Record<string, string> = {};
  for (const app of apps) {
    const paths = overlayPaths(app, environment);
    const images = [{ name: `${app}-api`, newName: newName(`${app}-api`), digest: digest(0) }];
    for (let index = 0; index < sources; index += 1) files[`apps/${app}/api/src/${index}.ts`] = `${app} ${index}\n`;
    files[`gitops/apps/${app}/base/kustomization.yaml`] = `resources: []\nnamespace: ${app}\n`;
    files[paths.overlay] = "resources: [../../base]\ncomponents: [images]\n";
    files[paths.images] = renderImagesFile({ source: undefined, images });
  }
  const source = await server.edit(files);
  await server.git("repack", "-adq");
  const remote = await remoteFromEnvironment(
    { branch: "main", token, directory: server.folder },
    { ...process.env, GITHUB_SERVER_URL: server.server, GITHUB_REPOSITORY: "shop/platform" },
  );
  const checkout = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  await git(checkout, ["init", "-q", "-b", "main"]);
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await rm(checkout, { recursive: true, force: true });
  };
  return { server, remote, source, apps, checkout, [Symbol.asyncDispose]: dispose };
}

async function ours(
  { remote, source, apps, checkout }: World,
  changed: readonly string[],
  round: number,
): Promise<void> {
  const news = new Set(changed);
  const images = apps.map((app): WantedImage => {
    const name = `${app}-api`;
    return { name, app, key: `${round}`, repository: newName(name), digest: digest(news.has(app) ? round : 0) };
  });
  const request = { environment, source, images };
  const findDigests = () => Promise.resolve(new Map<string, string>());
  const { result } = await releaseToGit({ remote, request, findDigests, checkout });
  if (result !== "released") throw new Error(`The release was ${result}.`);
}

/** One writer of a race: it knows its own app only, as the peer does. */
const oursAlone = (all: World, app: string, round: number) => ours({ ...all, apps: [app] }, [app], round);

async function peer(kustomize: string, { remote }: World, changed: readonly string[], round: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  const options = { env: remote.env };
  try {
    await git(folder, ["clone", "-q", "--depth=1", remote.url, "."], options);
    for (const app of changed) {
      const name = `${app}-api`;
      const image = `${name}=${newName(name)}@${digest(round)}`;
      await run(kustomize, ["edit", "set", "image", image], {
        cwd: join(folder, overlayPaths(app, environment).images, ".."),
      });
    }
    const author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"];
    await git(folder, [...author, "commit", "-qam", "Release"], options);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await git(folder, ["push", "-q", "origin", "HEAD:main"], options);
        return;
      } catch (error) {
        if (!(error instanceof ProcessError) || attempt === 200) throw error;
        await git(folder, [...author, "pull", "-q", "--rebase", "origin", "main"], options);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
const runs = Number(values.runs);
const log = join(tmpdir(), "slipway-bench-kustomize.log");
const module = "sigs.k8s.io/kustomize/kustomize/v5";
const built = await compile({ module: "kustomize", package: module, versionOf: module, file: "kustomize" }, log);
const kustomize = join(built, "kustomize");
const rows: string[][] = [];
let round = 0;

/** Runs both in turn and adds a row with the medians; every update must be on the branch afterwards. */
async function compare(
  name: string,
  goal: number,
  all: World,
  own: () => Promise<unknown>,
  other?: () => Promise<unknown>,
) {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    round += 1;
    // What actions/checkout has done before either of them begins.
    await git(all.checkout, ["fetch", "-q", "--depth=1", all.remote.url, "main"], { env: all.remote.env });
    mine.push(await seconds(own));
    round += 1;
    if (other) theirs.push(await seconds(other));
  }
  await all.server.git("fsck", "--connectivity-only");
  const ratio = median(mine) / median(theirs);
  const text = (value: number) => (Number.isNaN(value) ? "" : value.toFixed(2));
  rows.push([name, text(median(mine)), text(median(theirs)), text(ratio), other ? `<= ${goal}` : ""]);
}

{
  await using all = await world(1_000, 48);
  for (const [count, goal] of [
    [1, 0.2],
    [100, 0.08],
    [1_000, 0.05],
  ] as const) {
    const changed = all.apps.slice(0, count);
    await compare(
      `P7 ${count} of 1000 apps, 52,000 files`,
      goal,
      all,
      () => ours(all, changed, round),
      () => peer(kustomize, all, changed, round),
    );
  }
}
for (const count of [100, 1_000, 10_000]) {
  await using all = await world(count, 1);
  await compare(`P7 ${count} apps, 1 changed`, 0, all, () => ours(all, ["app0"], round));
}
{
  await using all = await world(16, 1);
  await compare(
    "P8 16 writers at once",
    0.5,
    all,
    () => Promise.all(all.apps.map((app) => oursAlone(all, app, round))),
    () => Promise.all(all.apps.map((app) => peer(kustomize, all, [app], round))),
  );
  const commits = Number(await all.server.git("rev-list", "--count", "main")) - 1;
  if (commits !== 16 * 2 * runs) throw new Error(`${commits} commits of ${16 * 2 * runs}: an update was lost.`);
}
process.stdout.write(`${textTable(["work", "ours (s)", "peer (s)", "ratio", "goal"], rows)}\n`);
