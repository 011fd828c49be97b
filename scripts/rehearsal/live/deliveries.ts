import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applicationsPath } from "../../../actions/lib/argocd/application.ts";
import { renderHold } from "../../../actions/lib/gitops/hold.ts";
import { overlayPaths } from "../../../actions/lib/gitops/paths.ts";
import { gitText } from "../../../actions/lib/git/git.ts";
import { commitAsNeighbour } from "../github/neighbour.ts";
import type { RunRecord } from "../github/runner.ts";
import type { LiveReleases } from "./apps.ts";
import { openArgoCd } from "./argocd-api.ts";
import { clusterOf } from "./checks.ts";
import type { LiveWorld } from "./world.ts";

const until = { timeout: 180_000, interval: 100 };
/** A delivery that fails waits for its pods first, and the one that fixes it for Argo CD's next attempt. */
const timeout = 900_000;

/** Everything that the job printed and wrote into its summary. */
async function wordsOf(run: RunRecord | undefined, job: string): Promise<string> {
  const record = run?.jobs.find(({ id }) => id === job);
  return `${await readFile(record?.log ?? "", "utf8")}\n${record?.summary ?? ""}`;
}

/**
 * What deliveries show when they meet a cluster that is not as one would wish.
 *
 * @param of gives the world
 * @param releases the app that they are tried with
 */
export function describeDeliveries(of: () => LiveWorld, releases: LiveReleases): void {
  const { app, change: harmless, failing } = releases;
  const again = { [harmless.path]: harmless.text };
  const serving = async () => releases.serves(await of().inspector.publicUrl(app));
  const releasedAfter = async (before: string) => {
    const newest = () => gitText(of().world.server.directory, ["log", "-1", "--format=%H %s", of().world.branch]);
    await expect.poll(newest, until).toMatch(new RegExp(`^(?!${before})\\w+ Release`));
  };
  const head = () => gitText(of().world.server.directory, ["rev-parse", of().world.branch]);

  describe("a release", () => {
    for (const { name, path, change, pod, reason } of failing)
      it(`${name} ends red, names pod and reason, and the old pods go on serving`, { timeout }, async () => {
        const { world, push } = of();
        await world.person.pull();
        const file = join(world.person.directory, path);
        const sound = await readFile(file, "utf8");
        const hold = join(world.person.directory, overlayPaths(app, "dev").hold);
        const byHand = path.startsWith("gitops/");
        // Releases rewrite this file, unless a person keeps them away.
        if (byHand) await writeFile(hold, renderHold({ reason: "Try what no release would write" }));
        const run = await push(`Try a release ${name}`, { [path]: change, "README.md": (text) => `${text}\n` });
        expect(run?.conclusion).toBe("failure");
        expect(run?.jobs.filter(({ conclusion }) => conclusion === "failure").map(({ id }) => id)).toEqual(
          expect.arrayContaining(["verify"]),
        );
        const words = await wordsOf(run, "verify");
        expect(words).toMatch(pod);
        expect(words).toMatch(reason);
        expect(run?.jobs.find(({ id }) => id === "verify")?.milliseconds).toBeLessThan(14 * 60_000);
        await serving();
        await rm(hold, { force: true });
        const fixed = await push("Fix it", { [path]: () => sound, "README.md": (text) => `${text}\n` });
        expect(fixed?.conclusion).toBe("success");
      });
  });

  it("is proven when an unrelated commit lands before the sync", { timeout }, async () => {
    const { world, push } = of();
    const before = await head();
    const pushing = push("Change the app", again);
    await releasedAfter(before);
    const text = "Nothing of a release.\n";
    const commit = await commitAsNeighbour(world.server, world.branch, "Leave a note", "NOTE", text);
    expect((await pushing)?.conclusion).toBe("success");
    expect(await head()).toBe(commit);
    await serving();
  });

  it("survives that Argo CD's repo server and the API server go away in the middle", { timeout }, async () => {
    const { push, inspector, world } = of();
    const before = await head();
    const pushing = push("Change the app once more", again);
    await releasedAfter(before);
    const query = { labelSelector: "app.kubernetes.io/name=argocd-repo-server" };
    const { items } = await inspector.kubernetes.list("/api/v1/namespaces/argocd/pods", query);
    expect(items).toHaveLength(1);
    for (const { metadata } of items)
      await inspector.kubernetes.delete(`/api/v1/namespaces/argocd/pods/${metadata.name}`, { gracePeriodSeconds: 0 });
    const cluster = await clusterOf(world);
    expect(await cluster.exec?.(["pkill", "-x", "kube-apiserver"])).toBeDefined();
    expect((await pushing)?.conclusion).toBe("success");
    await serving();
  });

  it("sees a sync that a person triggers while auto-sync is off", { timeout }, async () => {
    const { push, inspector, world } = of();
    const application = `${applicationsPath}/${app}`;
    const automated = (value: unknown) =>
      inspector.kubernetes.patch(application, { spec: { syncPolicy: { automated: value } } });
    await automated(null);
    const before = await head();
    const pushing = push("Change the app by hand", again);
    await releasedAfter(before);
    const argocd = await openArgoCd(await clusterOf(world), inspector.kubernetes);
    await argocd.sync(app);
    expect((await pushing)?.conclusion).toBe("success");
    await automated({ prune: true, selfHeal: true });
    await serving();
  });
}
