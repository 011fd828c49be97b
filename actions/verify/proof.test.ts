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

const api = pinned("visits-api", "api");
const database = pinned("visits-database", "database");
const images = [database, api];
const source = "a".repeat(40);
const released: Released = {
  commit: commits.ours,
  apps: [{ app: "visits", source, images }],
  skipped: [{ app: "shop", why: "it has no overlay for dev" }],
};
const resource = (kind: string, name: string) => ({ group: "apps", kind, namespace: "visits", name });
const application = applicationOf({
  resources: [resource("StatefulSet", "visits-database"), resource("Deployment", "visits-api")],
});
const objects = [
  deploymentOf({ name: "visits-api", image: api }),
  statefulSetOf({ name: "visits-database", image: database }),
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
  judgements: new Map([["visits", judgement]]),
  run: undefined,
  keys: new Map([["visits-api", ["e".repeat(64)]]]),
  urls: new Map([["visits", ["http://visits.example.org/"]]]),
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
          app: "visits",
          source,
          revision: commits.later,
          syncedAt: times.finished,
          urls: ["http://visits.example.org/"],
          images: [
            { name: "visits-api", digest: api.digest, keys: ["e".repeat(64)] },
            { name: "visits-database", digest: database.digest, keys: [] },
          ],
          pods: [
            pod("visits-api-2-0", "Deployment visits-api", api),
            pod("visits-api-2-1", "Deployment visits-api", api),
            pod("visits-database-0", "StatefulSet visits-database", database),
          ],
        },
      ],
      superseded: [],
      skipped: [{ app: "shop", why: "it has no overlay for dev" }],
    };
    expect(JSON.stringify(proof)).toBe(JSON.stringify(expected));
    expect(JSON.stringify(proof)).not.toContain("123456789012");
  });

  it("names what a later release has replaced", () => {
    const proof = proofOf(parts({ state: "superseded", revision: commits.later }));
    expect(proof).toMatchObject({ apps: [], superseded: [{ app: "visits", revision: commits.later }] });
    expect(proofMarkdown(proof)).toMatch(/^A later release replaced release `ccccccc` in \*\*dev\*\*/m);
  });
});

describe("proofMarkdown", () => {
  it("is one line for each image and each pod", () => {
    const text = proofMarkdown(proofOf(parts(live)), "https://github.com/shop/platform");
    const link = (id: string) => `[\`${id.slice(0, 7)}\`](https://github.com/shop/platform/commit/${id})`;
    expect(text.split("\n").filter(Boolean)).toEqual([
      "### Proof",
      `**dev** runs release ${link(commits.ours)}, seen at 2026-05-01 10:00:31 UTC.`,
      "#### visits",
      "<http://visits.example.org/>",
      `source ${link(source)} → 2 images → release ${link(commits.ours)} → Application at ${link(commits.later)}, synced at 2026-05-01 10:00:30 UTC → 3 pods`,
      "| Image | Content key | Digest | Pods |",
      "| --- | --- | --- | --- |",
      "| visits-api | `eeeeeee` | `617069000000` | 2 |",
      "| visits-database |  | `646174616261` | 1 |",
      "| Pod | Of | Node | Runs | Ready since |",
      "| --- | --- | --- | --- | --- |",
      "| visits-api-2-0 | Deployment visits-api | node-1 | visits-api `617069000000` | 2026-05-01 10:00:05 UTC |",
      "| visits-api-2-1 | Deployment visits-api | node-1 | visits-api `617069000000` | 2026-05-01 10:00:05 UTC |",
      "| visits-database-0 | StatefulSet visits-database | node-1 | visits-database `646174616261` | 2026-05-01 10:00:05 UTC |",
      "Not looked at: shop (it has no overlay for dev).",
    ]);
  });

  it("says that there is nothing to prove", () => {
    const proof = proofOf({ ...parts(live), released: { ...released, apps: [] } });
    expect(proofMarkdown(proof)).toContain("No app has released images in **dev**.");
  });
});
