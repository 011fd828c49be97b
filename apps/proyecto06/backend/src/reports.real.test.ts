import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import {
  foreignRuns,
  ownRuns,
  startWorkflowIssuer,
  type TestWorkflowIssuer,
  usualRun,
} from "@slipway/kit/testing/workflow-issuer.ts";
import type { Delivery, DeliverySummary, Page, StageReport } from "@slipway/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseFor, delivery, digest, proof, type Replica, startReplica, testConfig } from "./testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let issuer: TestWorkflowIssuer;
let environment: Record<string, string>;
let one: Replica;
let databases = 0;
let tests = new AsyncDisposableStack();

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  issuer = parts.use(await startWorkflowIssuer());
});
afterAll(() => parts.disposeAsync());
beforeEach(async () => {
  await tests.disposeAsync();
  tests = new AsyncDisposableStack();
  environment = await databaseFor(postgres, `reports${++databases}`, issuer);
  one = tests.use(await startReplica(testConfig(environment)));
});
afterAll(() => tests.disposeAsync());

const token = (claims: Record<string, unknown> = {}) => issuer.token(claims);
const report = async (body: unknown, claims: Record<string, unknown> = {}, to = one) =>
  to.post("/api/reports", body, await token(claims));
const tellStage = async (stage: Partial<StageReport["stage"]>, claims: Record<string, unknown> = {}) =>
  one.post(
    "/api/reports/stages",
    {
      version: 1,
      kind: "delivery",
      environment: "dev",
      stage: {
        stage: "plan",
        detail: "",
        outcome: "running",
        startedAt: "2026-10-05T10:00:00Z",
        finishedAt: null,
        failure: null,
        ...stage,
      },
    } satisfies StageReport,
    await token(claims),
  );
const read = async (id = "1000-1") => (await one.get<Delivery>(`/api/deliveries/${id}`)).body;
const all = async () => (await one.get<Page<DeliverySummary>>("/api/deliveries")).body.items;

describe("a whole report", () => {
  test("is given back as it was, and sending it twice changes nothing", async () => {
    const body = delivery();
    expect(await report(body)).toEqual({ status: 200, body: { id: "1000-1", changed: true } });
    const { identity, kind, title, author, outcome, stages, images, release, proof } = body;
    expect(await read()).toEqual({
      id: "1000-1",
      identity,
      kind,
      title,
      author,
      outcome,
      stages,
      images,
      release,
      proof,
      environment: "dev",
      committedAt: body.committedAt,
      startedAt: body.startedAt,
      finishedAt: body.finishedAt,
      provenAt: body.proof?.provenAt,
      built: 1,
      adopted: 0,
      failed: 0,
      stage: null,
      receipt: null,
    });
    expect(await report(body)).toEqual({ status: 200, body: { id: "1000-1", changed: false } });
    expect(await all()).toHaveLength(1);
  });

  test("fifty times at once, at two replicas, it changes something once", async () => {
    await using two = await startReplica(testConfig(environment));
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => report(delivery(), {}, i % 2 ? one : two)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(200));
    expect(answers.filter((answer) => answer.body.changed)).toHaveLength(1);
  });

  test("a later one replaces, an older one and one that would make it run again do not", async () => {
    const at = (minute: number) => `2026-10-05T10:0${minute}:00.000Z`;
    await report(delivery({ outcome: "failed", finishedAt: at(2), proof: null }));
    expect((await report(delivery({ finishedAt: at(5) }))).body.changed).toBe(true);
    expect((await report(delivery({ outcome: "failed", finishedAt: at(2), proof: null }))).body.changed).toBe(false);
    expect((await report(delivery({ outcome: "running", finishedAt: null }))).body.changed).toBe(false);
    expect(await read()).toMatchObject({ outcome: "succeeded", finishedAt: at(5) });
  });

  test("every attempt is a row of its own", async () => {
    await report(delivery({ outcome: "failed", proof: null }));
    await report(delivery({ attempt: 2 }), { run_attempt: "2" });
    expect((await all()).map(({ id, outcome }) => [id, outcome])).toEqual([
      ["1000-2", "succeeded"],
      ["1000-1", "failed"],
    ]);
  });

  test("whose run it is, the token says; an earlier run's may be sent again", async () => {
    const lying = delivery();
    lying.identity = { ...lying.identity, actor: "another", commit: "f".repeat(40), branch: "elsewhere" };
    await report(lying);
    expect((await read()).identity).toEqual(delivery().identity);
    expect((await report(delivery({ run: "900" }))).status).toBe(200);
    expect((await report(delivery({ run: "1001" }))).status).toBe(403);
    const foreign = delivery({ run: "900" });
    foreign.identity.repository = "octo/other";
    expect((await report(foreign)).status).toBe(403);
    expect((await all()).map(({ id }) => id)).toEqual(["1000-1", "900-1"]);
  });

  test("of another run, a later one changes nothing that was told, and tells what was not", async () => {
    await report(delivery({ run: "900", outcome: "failed", proof: null }), { run_id: "900" });
    const before = await read("900-1");
    for (const change of [
      { title: "Rewritten" },
      { outcome: "succeeded" },
      { finishedAt: "2026-12-01T00:00:00Z" },
    ] as const)
      expect(await report(delivery({ run: "900", ...change }))).toMatchObject({
        status: 200,
        body: { changed: false },
      });
    expect(await read("900-1")).toEqual(before);
    // Of a run that went on when the console was last told of it, the end is told by a later one.
    await tellStage({}, { run_id: "901" });
    expect((await report(delivery({ run: "901" }))).body.changed).toBe(true);
    const elsewhere = delivery({ run: "902" });
    elsewhere.identity.branch = "other";
    expect((await report(elsewhere)).status).toBe(403);
    // The run itself may still say it better.
    expect((await report(delivery({ run: "900" }), { run_id: "900" })).body.changed).toBe(true);
  });

  test("is taken from the delivering branch's own workflows alone, and so is a stage's", async () => {
    await using named = await startReplica(
      testConfig({ ...environment, REPORT_REPOSITORY_ID: usualRun.repository_id }),
    );
    for (const [name, claims] of Object.entries(foreignRuns)) {
      const sent = await token(claims);
      for (const path of ["/api/reports", "/api/reports/stages"])
        expect([401, 403], `${name} to ${path}`).toContain((await named.post(path, delivery(), sent)).status);
    }
    expect(await all()).toEqual([]);
    for (const [name, claims] of Object.entries(ownRuns))
      expect((await report(delivery(), claims, named)).status, name).toBe(200);
    await using other = await startReplica(testConfig({ ...environment, REPORT_BRANCH: "trunk" }));
    expect((await report(delivery(), {}, other)).status).toBe(403);
  });

  test("what is not as the contract says is a 400 that names it, and nothing is kept", async () => {
    const stage = delivery().stages[0];
    const wrong: [object, string][] = [
      [{ version: 2 }, "body.version"],
      [{ environment: "Dev!" }, "body.environment"],
      [{ title: "a\u0000b" }, "body.title"],
      [{ author: "\ud800" }, "body.author"],
      [{ startedAt: "yesterday" }, "body.startedAt"],
      [{ finishedAt: "0000-01-01T00:00:00Z" }, "body.finishedAt"],
      [{ stages: [stage, stage] }, "body.stages"],
      [{ proof: { ...delivery().proof, provenAt: null } }, "body.proof.provenAt"],
    ];
    for (const [change, path] of wrong) {
      const answer = (await report({ ...delivery(), ...change })) as unknown as {
        status: number;
        body: { errors: { path: string }[] };
      };
      expect([answer.status, answer.body.errors[0]?.path]).toEqual([400, path]);
    }
    expect(await all()).toEqual([]);
  });

  test("a proof of many pods is taken", async () => {
    const large = delivery();
    const [app] = large.proof?.apps ?? [];
    const [pod] = app?.pods ?? [];
    if (!app || !pod) throw new Error("the usual proof has an app with a pod");
    app.pods = Array.from({ length: 1_000 }, (_, i) => ({ ...pod, name: `pod-${i}` }));
    expect((await report(large)).status).toBe(200);
    expect((await read()).proof?.apps[0]?.pods).toHaveLength(1_000);
  });
});

describe("a stage's report", () => {
  test("makes the run known, and moves it on", async () => {
    expect(await tellStage({})).toEqual({ status: 200, body: { id: "1000-1", changed: true } });
    expect(await read()).toMatchObject({
      outcome: "running",
      stage: "plan",
      title: "",
      author: "somebody",
      committedAt: null,
    });
    await tellStage({ outcome: "succeeded", finishedAt: "2026-10-05T10:00:20Z" });
    expect((await read()).stage).toBeNull();
    await tellStage({ stage: "build", detail: "visits-api" });
    await tellStage({ stage: "build", detail: "visits-nginx", startedAt: "2026-10-05T10:00:30Z" });
    expect((await read()).stage).toBe("build");
    await tellStage({ stage: "build", detail: "visits-api", outcome: "failed", failure: "no such base image" });
    const found = await read();
    expect(found).toMatchObject({ outcome: "running", stage: "build" });
    expect(found.stages.map(({ stage, detail, outcome }) => `${stage} ${detail} ${outcome}`)).toEqual([
      "plan  succeeded",
      "build visits-api failed",
      "build visits-nginx running",
    ]);
  });

  test("that comes late makes nothing run again: not the stage, not the run", async () => {
    await tellStage({ outcome: "succeeded", finishedAt: "2026-10-05T10:00:20Z" });
    expect((await tellStage({})).body.changed).toBe(false);
    expect((await read()).stages[0]?.outcome).toBe("succeeded");
    await report(delivery());
    expect((await tellStage({ stage: "verify" })).body.changed).toBe(false);
    expect(await read()).toMatchObject({ outcome: "succeeded", stage: null });
  });

  test("a whole report replaces what stages told", async () => {
    await tellStage({ stage: "registry" });
    await report(
      delivery({
        outcome: "failed",
        proof: null,
        stages: [{ ...stageOf("verify"), outcome: "failed", failure: "crash" }],
      }),
    );
    const found = await read();
    expect(found.stages.map(({ stage }) => stage)).toEqual(["verify"]);
    expect(found).toMatchObject({ title: "Change 1000", outcome: "failed", stage: "verify" });
  });

  test("hundreds at once, of many runs: each is there", async () => {
    const runs = Array.from({ length: 20 }, (_, i) => String(2_000 + i));
    const stages = ["plan", "build", "release", "verify"] as const;
    await Promise.all(
      runs.flatMap((run) => stages.map((stage) => tellStage({ stage, outcome: "succeeded" }, { run_id: run }))),
    );
    expect(await all()).toHaveLength(20);
    for (const run of runs) expect((await read(`${run}-1`)).stages).toHaveLength(4);
  });
});

describe("who may report", () => {
  test.each([
    ["a key that the issuer never published", () => issuer.forged(), 401],
    ["another audience", () => token({ aud: "sts.amazonaws.com" }), 401],
    ["a token that has expired", () => token({ exp: 1_000 }), 401],
    ["another issuer", () => token({ iss: "https://issuer.example" }), 401],
    ["another repository", () => token({ repository: "octo/other" }), 403],
  ])("not %s", async (_name, make, status) => {
    for (const path of ["/api/reports", "/api/reports/stages"])
      expect((await one.post(path, delivery(), await make())).status).toBe(status);
    expect(await all()).toEqual([]);
  });

  test("a job in an environment, whose token's subject differs", async () => {
    expect((await report(delivery(), { sub: `repo:${usualRun.repository}:environment:dev` })).status).toBe(200);
  });
});

/** A stage as the usual report has it. */
function stageOf(stage: "verify") {
  return { stage, detail: "", outcome: "succeeded" as const, startedAt: null, finishedAt: null, failure: null };
}

test("what runs: since when and by whom, also when reports come out of order", async () => {
  const at = (hour: number) => `2026-10-05T${String(hour).padStart(2, "0")}:00:00.000Z`;
  const send = (run: number, hour: number, apps: Record<string, string>, actor = "somebody") =>
    report(
      delivery({
        run: String(run),
        startedAt: at(hour),
        finishedAt: at(hour),
        proof: proof({ provenAt: at(hour), apps }),
      }),
      { run_id: String(run), actor },
    );
  const running = async () => {
    const { body } = await one.get<{
      items: { apps: { app: string; since: string; by: string; delivery: string }[] }[];
    }>("/api/environments");
    return body.items[0]?.apps.map(({ app, since, by, delivery: id }) => [app, since.slice(11, 13), by, id].join(" "));
  };
  const [old, fresh] = [digest("old"), digest("fresh")];
  await send(1, 1, { visits: old, chat: old });
  await send(4, 4, { visits: fresh, chat: old }, "another");
  expect(await running()).toEqual(["chat 01 somebody 1-1", "visits 04 another 4-1"]);
  // It was proven already before, by a delivery whose report comes late.
  await send(3, 3, { visits: fresh, chat: old }, "third");
  expect(await running()).toEqual(["chat 01 somebody 1-1", "visits 03 third 3-1"]);
  // Other digests between the two: then they are running since the later one.
  await send(2, 2, { visits: fresh, chat: fresh }, "ken");
  expect(await running()).toEqual(["chat 03 third 3-1", "visits 02 ken 2-1"]);
  // An app that the newest proof does not have is gone.
  await send(5, 5, { visits: fresh });
  expect(await running()).toEqual(["visits 02 ken 2-1"]);
});
