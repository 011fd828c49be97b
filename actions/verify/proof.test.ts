import { describe, expect, it } from "vitest";
import type { Judgement } from "../lib/argocd/judgement.ts";
import {
  commits,
  deploymentOf,
  indexOf,
  pinned,
  statefulSetOf,
  applicationOf,
  times,
} from "../testing/argocd/objects.ts";
import { rolloutsOf } from "../lib/argocd/workloads.ts";
import type { Released } from "../lib/gitops/released.ts";
import { proofMarkdown, proofOf, type ProofParts } from "./proof.ts";

const api = pinned("guests-api", "api");
const database = pinned("guests-database", "database");
const images = [database, api];
const source = "a".repeat(40);
const released: Released = {
  commit: commits.ours,
  apps: [{ app: "guests", source, images }],
  skipped: [{ app: "demo", why: "it has no overlay for dev" }],
};
const resource = (kind: string, name: string) => ({ group: "apps", kind, namespace: "guests", name });
const application = applicationOf({
  resources: [resource("StatefulSet", "guests-database"), resource("Deployment", "guests-api")],
});
const objects = [
  deploymentOf({ name: "guests-api", image: api }),
  statefulSetOf({ name: "guests-database", image: database }),
];
const live: Judgement = {
  state: "proven",
  revision: commits.later,
  syncedAt: times.finished,
  rollouts: rolloutsOf(application, indexOf(...objects), images),
};
const parts = (judgement: Judgement): ProofParts => ({
  environment: "dev",
  released,
  judgements: new Map([["guests", judgement]]),
  run: undefined,
  keys: new Map([["guests-api", ["e".repeat(64)]]]),
  urls: new Map([["guests", ["http://guests.example.org/"]]]),
  provenAt: new Date("2026-05-01T10:00:31.250Z"),
});

describe("proofOf", () => {
  it("leads from the source commit to the pods, without an account's number, always in one order", () => {
    const proof = proofOf(parts(live));
    const pod = (name: string, workload: string, image: typeof api) => ({
      name,
      workload,
      node: "node-1",
      readySince: times.made,
      containers: [{ container: "api", image: image.name, digest: image.digest }],
    });
    const expected = {
      environment: "dev",
      commit: commits.ours,
      provenAt: "2026-05-01T10:00:31.250Z",
      run: null,
      apps: [
        {
          app: "guests",
          source,
          revision: commits.later,
          syncedAt: times.finished,
          urls: ["http://guests.example.org/"],
          images: [
            { name: "guests-api", digest: api.digest, keys: ["e".repeat(64)] },
            { name: "guests-database", digest: database.digest, keys: [] },
          ],
          pods: [
            pod("guests-api-2-0", "Deployment guests-api", api),
            pod("guests-api-2-1", "Deployment guests-api", api),
            pod("guests-database-0", "StatefulSet guests-database", database),
          ],
        },
      ],
      superseded: [],
      skipped: [{ app: "demo", why: "it has no overlay for dev" }],
    };
    expect(JSON.stringify(proof)).toBe(JSON.stringify(expected));
    expect(JSON.stringify(proof)).not.toContain("123456789012");
  });

  it("names what a later release has replaced", () => {
    const proof = proofOf(parts({ state: "superseded", revision: commits.later }));
    expect(proof).toMatchObject({ apps: [], superseded: [{ app: "guests", revision: commits.later }] });
    expect(proofMarkdown(proof)).toMatch(/^A later release replaced release `ccccccc` in \*\*dev\*\*/m);
  });
});

describe("proofMarkdown", () => {
  it("is one line for each image and each pod", () => {
    const text = proofMarkdown(proofOf(parts(live)), "https://github.com/demo/platform");
    const link = (id: string) => `[\`${id.slice(0, 7)}\`](https://github.com/demo/platform/commit/${id})`;
    expect(text.split("\n").filter(Boolean)).toEqual([
      "### Proof",
      `**dev** runs release ${link(commits.ours)}, seen at 2026-05-01 10:00:31 UTC.`,
      "#### guests",
      "<http://guests.example.org/>",
      `source ${link(source)} → 2 images → release ${link(commits.ours)} → Application at ${link(commits.later)}, synced at 2026-05-01 10:00:30 UTC → 3 pods`,
      "| Image | Content key | Digest | Pods |",
      "| --- | --- | --- | --- |",
      "| guests-api | `eeeeeee` | `617069000000` | 2 |",
      "| guests-database |  | `646174616261` | 1 |",
      "| Pod | Of | Node | Runs | Ready since |",
      "| --- | --- | --- | --- | --- |",
      "| guests-api-2-0 | Deployment guests-api | node-1 | guests-api `617069000000` | 2026-05-01 10:00:05 UTC |",
      "| guests-api-2-1 | Deployment guests-api | node-1 | guests-api `617069000000` | 2026-05-01 10:00:05 UTC |",
      "| guests-database-0 | StatefulSet guests-database | node-1 | guests-database `646174616261` | 2026-05-01 10:00:05 UTC |",
      "Not looked at: demo (it has no overlay for dev).",
    ]);
  });

  it("says that there is nothing to prove", () => {
    const proof = proofOf({ ...parts(live), released: { ...released, apps: [] } });
    expect(proofMarkdown(proof)).toContain("No app has released images in **dev**.");
  });
});
