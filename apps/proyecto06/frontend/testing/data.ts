import { createHash } from "node:crypto";
import type {
  Delivery,
  EnvironmentSummary,
  RunOutcome,
  Proof,
  ReportedReceipt,
  ReceiptSummary,
  RunStage,
  StageName,
} from "@slipway/contract";

/** A receipt as `GET /api/receipts/:id` has it. */
export type IdentifiedReceipt = ReportedReceipt & { id: string; environment: string };

const minute = 60_000;
const day = 86_400_000;
const commitOf = (seed: string) => createHash("sha1").update(seed).digest("hex");
const digestOf = (seed: string) => `sha256:${createHash("sha256").update(seed).digest("hex")}`;
const iso = (at: number) => new Date(at).toISOString();

const titles = [
  "Count visits that come while Redis is away",
  "Show the four DORA measures with a table next to each chart",
  "Take the report of a run again when it comes a second time",
  "Keep the volumes' snapshots that a teardown was asked to keep",
  "Give PostgreSQL the settings that fit its memory limit",
  "Refuse an order while the payment's breaker is open",
  "Ask clients to reconnect with jitter when a pod ends",
  "Say in the log which proxy was believed",
];
const authors = ["A user", "Another user", "A maintainer", "Un usuario de aquí"];

/** A proof with its apps, images and pods. */
function proofOf(commit: string, at: number): Proof {
  const app = (name: string, images: string[], urls: string[]) => ({
    app: name,
    source: commit,
    revision: commitOf(`release ${commit}`),
    syncedAt: iso(at - minute),
    urls,
    images: images.map((image) => ({ name: image, digest: digestOf(image + commit), keys: [commitOf(image)] })),
    pods: images.flatMap((image) =>
      [1, 2].map((pod) => ({
        name: `${image.replace(/^proyecto06-/, "")}-7c9f8d6b5-${commitOf(image + String(pod)).slice(0, 5)}`,
        workload: `Deployment/${image.replace(/^proyecto06-/, "")}`,
        node: `ip-10-0-${pod}-17.ec2.internal`,
        readySince: iso(at - minute / 2),
        containers: [{ container: image, image: `000000000000.example/${image}`, digest: digestOf(image + commit) }],
      })),
    ),
  });
  return {
    environment: "dev",
    commit,
    provenAt: iso(at),
    run: null,
    apps: [
      app("proyecto06", ["proyecto06-frontend", "proyecto06-backend"], ["http://console.example.test/"]),
      app("visits", ["visits-api", "visits-nginx"], ["http://visits.example.test/", "javascript:alert(1)"]),
    ],
    superseded: [{ app: "chat", revision: commitOf("later") }],
    skipped: [{ app: "shop", why: "It is not delivered to this environment." }],
  };
}

/** Stages one after another, the builds side by side, up to the one in which the run is or failed. */
function stagesOf(start: number, outcome: RunOutcome): RunStage[] {
  const plan: [StageName, string, number, number][] = [
    ["plan", "", 0, 11],
    ["registry", "", 11, 19],
    ["infra", "", 19, 64],
    ["build", "proyecto06-frontend", 20, 92],
    ["build", "proyecto06-backend", 20, 58],
    ["build", "visits-api", 21, 47],
    ["release", "", 92, 99],
    ["verify", "", 99, 171],
  ];
  const broken = outcome === "failed" || outcome === "running" ? 3 : plan.length;
  return plan.map(([stage, detail, from, to], index): RunStage => {
    const began = index <= broken || stage === "build";
    const here = index === broken;
    return {
      stage,
      detail,
      outcome: here ? outcome : began ? "succeeded" : outcome === "failed" ? "skipped" : "waiting",
      startedAt: began ? iso(start + from * 1_000) : null,
      finishedAt: began && !(here && outcome === "running") ? iso(start + to * 1_000) : null,
      failure:
        here && outcome === "failed"
          ? "npm ci ended with 1: package-lock.json and package.json are not in sync."
          : null,
    };
  });
}

/** One delivery, the `index`-th from now backwards. */
export function deliveryOf(index: number, now: number): Delivery {
  const outcome: RunOutcome =
    index === 0 ? "running" : index % 7 === 3 ? "failed" : index % 11 === 6 ? "cancelled" : "succeeded";
  const teardown = index % 9 === 5;
  const start = index === 0 ? now - 75_000 : now - index * 7 * 3_600_000 - (index % 5) * 13 * minute;
  const end = outcome === "running" ? null : start + (outcome === "failed" ? 92 : 171) * 1_000;
  const title = titles[index % titles.length] ?? "";
  const commit = commitOf(`${title} ${index}`);
  const author = authors[index % authors.length] ?? "";
  const proof = outcome === "succeeded" && !teardown && end ? proofOf(commit, end) : null;
  const run = String(17_400_000_000 - index * 37);
  return {
    id: `${run}-1`,
    identity: {
      repository: "example/slipway",
      run,
      attempt: 1,
      commit,
      branch: "main",
      actor: author.toLowerCase().replaceAll(/\W+/g, "-"),
    },
    kind: teardown ? "teardown" : "delivery",
    environment: index % 4 === 2 ? "staging" : "dev",
    title,
    author,
    outcome: teardown ? "succeeded" : outcome,
    committedAt: iso(start - 41_000),
    startedAt: iso(start),
    finishedAt: end ? iso(end) : null,
    provenAt: proof?.provenAt ?? null,
    built: teardown ? 0 : 1 + (index % 3),
    adopted: teardown ? 0 : 9 - (index % 3),
    failed: outcome === "failed" && !teardown ? 1 : 0,
    stage: !teardown && (outcome === "running" || outcome === "failed") ? "build" : null,
    stages: teardown
      ? [
          {
            stage: "teardown",
            detail: "",
            outcome: "succeeded",
            startedAt: iso(start),
            finishedAt: end ? iso(end) : null,
            failure: null,
          },
        ]
      : stagesOf(start, outcome),
    images: teardown
      ? []
      : ["proyecto06-frontend", "proyecto06-backend", "proyecto06-database", "visits-api", "visits-nginx"].map(
          (name, at) => ({
            name,
            contentKey: commitOf(name + (at <= index % 3 ? commit : "")),
            outcome: at === 0 && outcome === "failed" ? "failed" : at <= index % 3 ? "built" : "adopted",
          }),
        ),
    release: proof
      ? {
          commit: commitOf(`release ${commit}`),
          at: iso(start + 99_000),
          images: [
            { app: "proyecto06", name: "proyecto06-frontend", digest: digestOf(`proyecto06-frontend${commit}`) },
          ],
        }
      : null,
    proof,
    receipt: teardown ? receiptOf(`${run}-1`, "dev", end ?? now, index % 2 === 0) : null,
  };
}

/** A receipt, clean or not. */
export function receiptOf(id: string, environment: string, at: number, clean: boolean): IdentifiedReceipt {
  return {
    id,
    environment,
    at: iso(at),
    clean,
    seconds: 252,
    looks: 5,
    monthlyUsd: clean ? 0 : 3.65,
    keptMonthlyUsd: 0.25,
    items: [
      {
        class: "kept",
        title: "Snapshot of the database's volume",
        name: "snap-0f3a9c21d4e5b6a78",
        monthlyUsd: 0.25,
        why: "Asked for when the environment was taken down.",
      },
      {
        class: "free-residual",
        title: "Log group",
        name: "/aws/eks/slipway-dev/cluster",
        monthlyUsd: 0,
        why: "Empty; it expires after 7 days.",
      },
      ...(clean
        ? []
        : [
            {
              class: "billable" as const,
              title: "Elastic IP address",
              name: "eipalloc-05b1e2f3a4c5d6e7f",
              monthlyUsd: 3.65,
              why: "It belongs to nothing.",
            },
            {
              class: "unknown" as const,
              title: "Network interface",
              name: "eni-0aa1bb2cc3dd4ee5f",
              monthlyUsd: null,
              why: "Nobody says what made it.",
            },
          ]),
    ],
  };
}

/** A receipt's row in the list. */
export function receiptRowOf({
  id,
  environment,
  at,
  clean,
  monthlyUsd,
  keptMonthlyUsd,
  items,
}: IdentifiedReceipt): ReceiptSummary {
  const count = (of: string) => items.filter((item) => item.class === of).length;
  return {
    id,
    environment,
    at,
    clean,
    monthlyUsd,
    keptMonthlyUsd,
    billable: count("billable"),
    unknown: count("unknown"),
    kept: count("kept"),
  };
}

/** What runs where. */
export function environmentsOf(
  deliveries: readonly Delivery[],
  receipts: readonly IdentifiedReceipt[],
  now: number,
): EnvironmentSummary[] {
  const proven = deliveries.find(({ proof, environment }) => proof && environment === "dev");
  const receipt = receipts[0];
  const apps = (proven?.proof?.apps ?? []).map(({ app, source, revision, urls, images, pods }, index) => ({
    app,
    source,
    revision,
    urls,
    images,
    pods: pods.length,
    since: iso(now - (index * 9 + 3) * 3_600_000),
    by: authors[index] ?? "",
    delivery: proven?.id ?? "",
  }));
  const running = deliveries.some(({ outcome }) => outcome === "running");
  return [
    {
      name: "dev",
      state: running ? "delivering" : "live",
      apps,
      lastDelivery: deliveries[0] ?? null,
      lastProofAt: proven?.provenAt ?? null,
      lastReceipt: null,
    },
    {
      name: "preview",
      state: "away",
      apps: [],
      lastDelivery: null,
      lastProofAt: null,
      lastReceipt: receipt ? receiptRowOf(receipt) : null,
    },
    {
      name: "staging",
      state: "failed",
      apps: apps.slice(1),
      lastDelivery: deliveries.find(({ environment }) => environment === "staging") ?? null,
      lastProofAt: iso(now - 2 * day),
      lastReceipt: null,
    },
  ];
}
