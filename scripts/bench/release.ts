import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "../../actions/lib/git/git.ts";
import type { WantedImage } from "../../actions/lib/gitops/changes.ts";
import { renderImagesFile } from "../../actions/lib/gitops/images-file.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { releaseToGit } from "../../actions/lib/gitops/release.ts";
import { type Remote, remoteFromEnvironment } from "../../actions/lib/gitops/remote.ts";
import { startTestRemote, type TestRemote } from "../../actions/testing/gitops/remote.ts";
import { ProcessError, run } from "../../actions/lib/core/process.ts";
import { compileKustomize } from "../rehearsal/tools/kustomize.ts";
import { type Benchmark, compare, type BenchmarkResult } from "./harness.ts";

/*
 * The peer is what most pipelines do: a clone of depth 1, `kustomize edit set image` for each app, a commit, a push,
 * and `pull --rebase` when it is refused.
 */

const environment = "dev";
const token = "bench";
const digest = (round: number) => `sha256:${round.toString(16).padStart(64, "0")}`;
const newName = (name: string) => `000000000000.dkr.ecr.us-east-1.amazonaws.com/bench/${name}`;

interface BenchmarkWorld extends AsyncDisposable {
  server: TestRemote;
  remote: Remote;
  source: string;
  apps: string[];
  /** The job's checkout, of depth 1. */
  checkout: string;
  /** What actions/checkout has done before a release begins. */
  fetch: () => Promise<unknown>;
}

/** A repository with so many apps, all released once, each with so many files of source. */
async function world(count: number, sources: number): Promise<BenchmarkWorld> {
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
    { ...process.env, GITHUB_SERVER_URL: server.server, GITHUB_REPOSITORY: "demo/platform" },
  );
  const checkout = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  await git(checkout, ["init", "-q", "-b", "main"]);
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await rm(checkout, { recursive: true, force: true });
  };
  const fetch = () => git(checkout, ["fetch", "-q", "--depth=1", remote.url, "main"], { env: remote.env });
  return { server, remote, source, apps, checkout, fetch, [Symbol.asyncDispose]: dispose };
}

async function ours(
  { remote, source, apps, checkout }: BenchmarkWorld,
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
const oursAlone = (all: BenchmarkWorld, app: string, round: number) => ours({ ...all, apps: [app] }, [app], round);

async function peer(
  kustomize: string,
  { remote }: BenchmarkWorld,
  changed: readonly string[],
  round: number,
): Promise<void> {
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

/** P7 and P8 of the performance goals: the commit of a release, alone and among sixteen at once. */
export const measure: Benchmark = async ({ runs }) => {
  const kustomize = await compileKustomize(join(tmpdir(), "slipway-bench-kustomize.log"));
  const measures: BenchmarkResult[] = [];
  let round = 0;
  /** A change in which every run makes something new. */
  const next = (work: (round: number) => Promise<unknown>) => () => work((round += 1));
  const peerOf = (goal: number, work: (round: number) => Promise<unknown>) => {
    return { name: "clone, kustomize edit, push", goal, run: next(work) };
  };
  {
    await using all = await world(1_000, 48);
    for (const [count, goal] of [
      [1, 0.2],
      [100, 0.08],
      [1_000, 0.05],
    ] as const) {
      const changed = all.apps.slice(0, count);
      const other = peerOf(goal, (at) => peer(kustomize, all, changed, at));
      const label = `P7 ${count} of 1,000 apps, 52,000 files`;
      measures.push(
        await compare(
          label,
          runs,
          next((at) => ours(all, changed, at)),
          other,
          all.fetch,
        ),
      );
    }
  }
  for (const count of [100, 1_000, 10_000]) {
    await using all = await world(count, 1);
    const label = `P7 ${count.toLocaleString("en")} apps, 1 changed`;
    measures.push(
      await compare(
        label,
        runs,
        next((at) => ours(all, ["app0"], at)),
        undefined,
        all.fetch,
      ),
    );
  }
  await using all = await world(16, 1);
  const each = (work: (app: string) => Promise<unknown>) => Promise.all(all.apps.map(work));
  const other = peerOf(0.5, (at) => each((app) => peer(kustomize, all, [app], at)));
  const race = next((at) => each((app) => oursAlone(all, app, at)));
  measures.push(await compare("P8 16 writers at once", runs, race, other, all.fetch));
  const commits = Number(await all.server.git("rev-list", "--count", "main")) - 1;
  if (commits !== 16 * 2 * runs) throw new Error(`${commits} commits of ${16 * 2 * runs}: an update was lost.`);
  return measures;
};
