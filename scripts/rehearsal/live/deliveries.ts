import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderHold } from "../../../actions/lib/gitops/hold.ts";
import { gitText } from "../../../actions/lib/git.ts";
import { commitAsNeighbour } from "../github/neighbour.ts";
import type { RunRecord } from "../github/runner.ts";
import { get } from "./checks.ts";
import { failingReleases } from "./failing-releases.ts";
import type { LiveWorld } from "./world.ts";

const until = { timeout: 180_000, interval: 100 };
const api = "apps/visits/api/src/main.ts";
const again = (text: string) => `${text}// Again.\n`;

/** Everything that the job printed and wrote into its summary. */
async function wordsOf(run: RunRecord | undefined, job: string): Promise<string> {
  const record = run?.jobs.find(({ id }) => id === job);
  return `${await readFile(record?.log ?? "", "utf8")}\n${record?.summary ?? ""}`;
}

/** What deliveries show when they meet a cluster that is not as one would wish. @param of gives the world */
export function describeDeliveries(of: () => LiveWorld): void {
  const serving = async () => {
    const url = await of().onlooker.publicUrl("visits");
    expect(await get(`${url}/`)).toContain("Sistema Distribuido funcionando");
    expect(JSON.parse(await get(`${url}/hits`))).toHaveProperty("hits");
  };
  const head = () => gitText(of().world.server.directory, ["rev-parse", of().world.branch]);

  describe("a release", () => {
    for (const { name, path, change, pod, reason } of failingReleases)
      it(`${name} ends red, names pod and reason, and the old pods go on serving`, async () => {
        const { world, push } = of();
        await world.person.pull();
        const file = join(world.person.directory, path);
        const sound = await readFile(file, "utf8");
        const hold = join(world.person.directory, "gitops/apps/visits/overlays/dev/hold.yaml");
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
        const mended = await push("Mend it", { [path]: () => sound, "README.md": (text) => `${text}\n` });
        expect(mended?.conclusion).toBe("success");
      });
  });

  it("is proven when an unrelated commit lands before the sync", async () => {
    const { world, push } = of();
    const before = await head();
    const pushing = push("Change the API", { [api]: again });
    const author = ["-c", "user.name=A neighbour", "-c", "user.email=neighbour@example.org"];
    await expect
      .poll(
        async () =>
          (await gitText(world.server.directory, ["log", "-1", "--format=%s", world.branch])).startsWith("Release"),
        until,
      )
      .toBe(true);
    expect(await head()).not.toBe(before);
    const commit = await commitAsNeighbour(
      world.server,
      world.branch,
      "Leave a note",
      "NOTE",
      "Nothing of a release.\n",
    );
    expect((await pushing)?.conclusion).toBe("success");
    expect(await head()).toBe(commit);
    await serving();
  });

  it("survives that Argo CD's repo server and the API server go away in the middle", async () => {
    const { world, push, onlooker } = of();
    const pushing = push("Change the API once more", { [api]: again });
    await expect
      .poll(
        async () =>
          (await gitText(world.server.directory, ["log", "-1", "--format=%s", world.branch])).startsWith("Release"),
        until,
      )
      .toBe(true);
    const query = { labelSelector: "app.kubernetes.io/name=argocd-repo-server" };
    const { items } = await onlooker.kubernetes.list("/api/v1/namespaces/argocd/pods", query);
    for (const { metadata } of items)
      await onlooker.kubernetes.delete(`/api/v1/namespaces/argocd/pods/${metadata.name}`, { gracePeriodSeconds: 0 });
    const cluster = world.clusters?.find("slipway-dev");
    await cluster?.exec(["pkill", "-x", "kube-apiserver"]);
    const run = await pushing;
    expect(run?.conclusion).toBe("success");
    await serving();
  });
}
