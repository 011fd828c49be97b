import { createLogger, linkPath, migrate, type OneTimeLinks, type Service, startService } from "@slipway/kit";
import type { TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { type TestWorkflowIssuer, usualRun } from "@slipway/kit/testing/workflow-issuer.ts";
import type { Proof, RunReport, ReportReceived } from "@slipway/contract";
import { type AppConfig, readConfig } from "./config.ts";
import { type AppContext, createAppContext } from "./context.ts";
import { createApi } from "./api.ts";

/** A replica of the service inside a test. */
export interface Replica extends AsyncDisposable {
  context: AppContext;
  service: Service;
  origin: string;
  /** Asks it as somebody who is signed in. */
  // The test that asks names the body that it expects, and then looks at it.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  get<T = unknown>(path: string): Promise<{ status: number; body: T }>;
  /** The cookie of somebody who is signed in. */
  cookie: string;
  /** Reports as the pipeline does. */
  post(path: string, body: unknown, token: string): Promise<{ status: number; body: ReportReceived }>;
}

/** The configuration of a replica on free ports, quiet and without patience. */
export function testConfig(environment: NodeJS.ProcessEnv): AppConfig {
  return readConfig({
    PORT: "0",
    METRICS_PORT: "0",
    LOG_LEVEL: "silent",
    SHUTDOWN_DELAY_MS: "50",
    SESSION_KEY: "k".repeat(32),
    ONE_TIME_LINK: "true",
    ALLOW_HTTP_ISSUERS: "true",
    REPORT_AUDIENCE: usualRun.aud,
    REPORT_REPOSITORY: usualRun.repository,
    REQUESTS_PER_MINUTE: "100000",
    REPORTS_PER_MINUTE: "100000",
    ...environment,
  });
}

/** A database of a test's own with the newest schema, and the environment that leads to it. */
export async function databaseFor(postgres: TestPostgres, name: string, issuer: TestWorkflowIssuer) {
  const environment = { ...(await postgres.createDatabase(name)), REPORT_ISSUER: issuer.issuer };
  const config = testConfig(environment);
  await migrate({ config, logger: createLogger(config), folder: `${import.meta.dirname}/../drizzle` });
  return environment;
}

/** Starts a replica in this process, and signs somebody in at it by a one-time link. */
export async function startReplica(config: AppConfig): Promise<Replica> {
  const context = createAppContext(config);
  const service = await startService({ ...context, api: createApi(context) });
  const origin = `http://127.0.0.1:${service.port}`;
  const cookie = await signIn(origin, context.links);
  const json = async (response: Response) => ({ status: response.status, body: (await response.json()) as never });
  return {
    context,
    service,
    origin,
    cookie,
    get: async (path) => json(await fetch(origin + path, { headers: { Cookie: cookie } })),
    post: async (path, body, token) =>
      json(
        await fetch(origin + path, {
          method: "POST",
          body: JSON.stringify(body),
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        }),
      ),
    async [Symbol.asyncDispose]() {
      await service.stop();
      await context.end();
    },
  };
}

/** Signs somebody in at a service by a link that is made for it. @returns the session's cookie */
export async function signIn(origin: string, links: OneTimeLinks): Promise<string> {
  const answer = await fetch(origin + linkPath(await links.create()), { redirect: "manual" });
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

/** What a report of a usual delivery says; a test names what is different. */
export function delivery(changes: Partial<RunReport> & { run?: string; attempt?: number } = {}): RunReport {
  const { run = usualRun.run_id, attempt = 1, ...rest } = changes;
  const startedAt = rest.startedAt ?? "2026-10-05T10:00:00.000Z";
  const later = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1_000).toISOString();
  const stage = { detail: "", failure: null, outcome: "succeeded" } as const;
  return {
    version: 1,
    identity: {
      repository: usualRun.repository,
      run,
      attempt,
      commit: usualRun.sha,
      branch: "main",
      actor: "somebody",
    },
    kind: "delivery",
    environment: "dev",
    title: `Change ${run}`,
    author: "A user",
    committedAt: later(-30),
    startedAt,
    finishedAt: later(120),
    outcome: "succeeded",
    stages: [
      { ...stage, stage: "plan", startedAt: later(0), finishedAt: later(20) },
      { ...stage, stage: "build", detail: "visits-api", startedAt: later(20), finishedAt: later(60) },
      { ...stage, stage: "verify", startedAt: later(70), finishedAt: later(110) },
    ],
    images: [{ name: "visits-api", contentKey: "k1", outcome: "built" }],
    release: {
      commit: "b".repeat(40),
      at: later(65),
      images: [{ app: "visits", name: "visits-api", digest: digest(run) }],
    },
    proof: proof({ provenAt: later(110), apps: { visits: digest(run) } }),
    receipt: null,
    ...rest,
  };
}

/** A digest that differs from text to text. */
export const digest = (text: string) => `sha256:${Buffer.from(text).toString("hex").padStart(64, "0")}`;

/** A proof of apps by their digests. */
export function proof({ provenAt, apps }: { provenAt: string; apps: Record<string, string> }): Proof {
  return {
    environment: "dev",
    commit: "b".repeat(40),
    provenAt,
    run: null,
    apps: Object.entries(apps).map(([app, each]) => ({
      app,
      source: usualRun.sha,
      revision: "b".repeat(40),
      syncedAt: null,
      urls: [`http://${app}.example.com`],
      images: [{ name: `${app}-api`, digest: each, keys: ["k1"] }],
      pods: [
        {
          name: `${app}-api-1`,
          workload: `Deployment ${app}-api`,
          node: "node-1",
          readySince: provenAt,
          containers: [{ container: "api", image: `${app}-api`, digest: each }],
        },
      ],
    })),
    superseded: [],
    skipped: [],
  };
}

/** What a report of a teardown says. */
export function teardown(changes: Partial<RunReport> & { run?: string } = {}): RunReport {
  const whole = delivery({ title: "destroy dev", ...changes });
  const at = whole.finishedAt ?? whole.startedAt;
  const item = { class: "kept", title: "Snapshot", name: "snap-1", monthlyUsd: 0.4, why: "asked for" } as const;
  return {
    ...whole,
    kind: "teardown",
    stages: [
      {
        stage: "teardown",
        detail: "",
        outcome: "succeeded",
        startedAt: whole.startedAt,
        finishedAt: at,
        failure: null,
      },
    ],
    images: [],
    release: null,
    proof: null,
    receipt: { at, clean: true, seconds: 60, looks: 3, monthlyUsd: 0, keptMonthlyUsd: 0.4, items: [item] },
    ...changes,
  };
}

/** An instant of a day in October. */
export const day = (n: number, time = "12:00:00") => `2026-10-${String(n).padStart(2, "0")}T${time}.000Z`;
