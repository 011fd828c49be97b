import { applicationsPath } from "../../actions/lib/argocd/application.ts";
import { refreshApplications } from "../../actions/lib/argocd/refresh.ts";
import { gitText } from "../../actions/lib/git/git.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { insist } from "../rehearsal/checks/checks.ts";
import { commitAsNeighbour } from "../rehearsal/github/neighbour.ts";
import { liveReleases } from "../rehearsal/live/apps.ts";
import { type LiveWorld, liveWorld } from "../rehearsal/live/world.ts";
import { type Benchmark, compare } from "./harness.ts";

/** An Application, as far as it is looked at. */
interface SyncedApplication {
  metadata: { name: string };
  status?: { sync?: { revision?: string; status?: string }; health?: { status?: string } };
}

/** P10: from a release commit to Synced and Healthy, asked for as verify does, and by Argo CD's own polling. */
export const measure: Benchmark = async ({ runs }) => {
  const releases = await liveReleases();
  insist(releases !== undefined, "no app under apps/ has a live.ts with releases to try");
  const { app, change } = releases;
  const { images } = overlayPaths(app, "dev");
  await using live = await liveWorld();
  const { server, branch } = live.world;
  const released = () => gitText(server.directory, ["show", `${branch}:${images}`]);
  const one = await released();
  const run = await live.push("Change the app", { [change.path]: change.text });
  insist(run?.conclusion === "success", "the second release did not become live");
  const other = await released();
  insist(one !== other, "the push released nothing new");
  // Both ways take turns with two releases that are in ECR, so that each rolls out the same pods.
  const texts = [one, other];
  let turn = 0;
  const release = () => commitAsNeighbour(server, branch, "Release", images, `${texts[turn++ % 2]}\n`);
  return [
    await compare(
      "P10 release commit to Synced and Healthy",
      // Argo CD's own polling takes minutes each time.
      Math.min(runs, 3),
      async () => {
        const commit = await release();
        await Promise.all([untilLive(live, app, commit), refreshApplications(live.inspector.kubernetes, [app])]);
      },
      {
        name: "Argo CD's default polling",
        goal: 0.2,
        run: async () => untilLive(live, app, await release()),
      },
    ),
  ];
};

/** Waits, for ten minutes at most, until Argo CD calls an app Synced and Healthy at a commit. */
async function untilLive({ inspector }: LiveWorld, app: string, commit: string): Promise<void> {
  const end = new AbortController();
  const late = setTimeout(() => end.abort(new Error(`${commit} is not live after ten minutes`)), 600_000);
  try {
    const seen = { live: false };
    await inspector.kubernetes.follow<SyncedApplication>(applicationsPath, {
      signal: end.signal,
      onChange(items) {
        const status = items.get(`argocd/${app}`)?.status;
        seen.live =
          status?.sync?.revision === commit && status.sync.status === "Synced" && status.health?.status === "Healthy";
        if (seen.live) end.abort();
      },
    });
    if (!seen.live) throw end.signal.reason;
  } finally {
    clearTimeout(late);
  }
}
