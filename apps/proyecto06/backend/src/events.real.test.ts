import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { eventually, freePort, startDaemon, temporaryFolder } from "@slipway/kit/testing/process.ts";
import { startWorkflowIssuer, type TestWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import type { DeliveryEvent, Page } from "@slipway/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databaseFor, delivery, type Replica, startReplica, testConfig } from "./testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let issuer: TestWorkflowIssuer;
let environment: Record<string, string>;
let databases = 0;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  issuer = parts.use(await startWorkflowIssuer());
});
afterAll(() => parts.disposeAsync());
beforeEach(async () => {
  environment = await databaseFor(postgres, `events${++databases}`, issuer);
});

const replica = () => startReplica(testConfig(environment));

/** Reads a stream as a browser's EventSource does. */
async function watch({ origin, cookie }: Pick<Replica, "origin" | "cookie">, lastEventId?: string) {
  const abort = new AbortController();
  const headers = { Cookie: cookie, ...(lastEventId !== undefined && { "Last-Event-ID": lastEventId }) };
  const answer = await fetch(`${origin}/api/events`, { headers, signal: abort.signal });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const seen: { id: string; data: DeliveryEvent }[] = [];
  const end = (async () => {
    let text = "";
    for await (const part of (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      text += part;
      for (let at = text.indexOf("\n\n"); at >= 0; text = text.slice(at + 2), at = text.indexOf("\n\n")) {
        const [, id, data] = /^id: (\d+)\nevent: delivery\ndata: (.*)$/.exec(text.slice(0, at)) ?? [];
        if (id && data) seen.push({ id, data: JSON.parse(data) as DeliveryEvent });
      }
    }
  })().catch(() => {});
  const runs = () => seen.map(({ data }) => data.identity.run);
  return {
    seen,
    runs,
    end,
    sees: (expected: string[]) => eventually(() => expect(runs()).toEqual(expected)),
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await end;
    },
  };
}

async function report(to: Replica, ...runs: number[]) {
  for (const run of runs) {
    const { status } = await to.post(
      "/api/reports",
      delivery({ run: String(run) }),
      await issuer.token({ run_id: String(run) }),
    );
    expect(status).toBe(200);
  }
}

describe("a live view", () => {
  test("shows at one replica what is reported at the other, in order, as the list has it", async () => {
    await using one = await replica();
    await using two = await replica();
    await report(one, 1);
    await using watching = await watch(two);
    await eventually(() => expect(two.context.streams.size).toBe(1));
    await report(one, 2);
    await report(two, 3);
    await watching.sees(["2", "3"]);
    const { body } = await one.get<Page<DeliveryEvent>>("/api/deliveries?limit=1");
    expect(watching.seen[1]?.data).toEqual(body.items[0]);
    const ids = watching.seen.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  test("goes on where it was, at another replica, without a gap or anything twice", async () => {
    await using one = await replica();
    await using two = await replica();
    const watching = await watch(one);
    await report(one, 1, 2);
    await watching.sees(["1", "2"]);
    await watching[Symbol.asyncDispose]();
    await report(one, 3, 4);
    await using again = await watch(two, watching.seen[0]?.id);
    await report(two, 5);
    await again.sees(["2", "3", "4", "5"]);
  });

  test("while reports come in at both, whoever joins with an id misses none", async () => {
    await using one = await replica();
    await using two = await replica();
    await report(one, 1);
    await using first = await watch(one, "0");
    await first.sees(["1"]);
    const numbers = Array.from({ length: 40 }, (_, i) => i + 2);
    const odd = (run: number) => run % 2 === 1;
    const reporting = Promise.all([
      report(one, ...numbers.filter(odd)),
      report(two, ...numbers.filter((run) => !odd(run))),
    ]);
    const others = await Promise.all(Array.from({ length: 5 }, (_, i) => watch(i % 2 ? one : two, first.seen[0]?.id)));
    await reporting;
    for (const other of [first, ...others])
      await eventually(() =>
        expect(new Set(other.runs())).toEqual(new Set([...(other === first ? ["1"] : []), ...numbers.map(String)])),
      );
    for (const other of others) await other[Symbol.asyncDispose]();
  });

  test("goes on after the database was away", async () => {
    await using one = await replica();
    await using watching = await watch(one);
    await report(one, 1);
    await watching.sees(["1"]);
    await postgres.stop();
    await postgres.start();
    await eventually(async () => expect((await one.get("/health/ready")).status).toBe(200));
    await report(one, 2);
    await watching.sees(["1", "2"]);
  });

  test("with an invalid id, or one of a database that is another one now, begins again", async () => {
    await using one = await replica();
    await report(one, 1);
    await using nonsense = await watch(one, "x");
    await using future = await watch(one, "999999");
    await future.sees(["1"]);
    await report(one, 2);
    await nonsense.sees(["2"]);
    await future.sees(["1", "2"]);
  });

  test("a request for its head alone ends", async () => {
    await using one = await replica();
    const answer = await fetch(`${one.origin}/api/events`, { method: "HEAD", headers: { Cookie: one.cookie } });
    expect(answer.status).toBe(200);
    await eventually(() => expect(one.context.streams.size).toBe(0));
  });
});

describe("a process", () => {
  /** Starts the service as the image does. */
  async function start(folder: string) {
    const port = await freePort();
    const settings = {
      PORT: String(port),
      METRICS_PORT: "0",
      SHUTDOWN_DELAY_MS: "300",
      SESSION_KEY: "k".repeat(32),
      ALLOW_HTTP_ISSUERS: "true",
      REPORT_AUDIENCE: "console",
      REPORT_REPOSITORY: "octo/slipway",
      REPORTS_PER_MINUTE: "100000",
      DATABASE_POOL_SIZE: "6",
    };
    const daemon = await startDaemon(process.execPath, [join(import.meta.dirname, "main.ts")], {
      log: join(folder, "log"),
      env: { PATH: process.env.PATH ?? "", ...environment, ...settings },
    });
    const origin = `http://127.0.0.1:${port}`;
    await eventually(async () => {
      if (daemon.child.exitCode !== null) throw new Error(`it ended:\n${await daemon.output()}`);
      expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
    });
    return { origin, daemon };
  }

  test("that is told to end sends those who watch away, and ends well", async () => {
    await using folder = await temporaryFolder("console");
    await using signingIn = await replica();
    const { origin, daemon } = await start(folder.path);
    await using watching = await watch({ origin, cookie: signingIn.cookie });
    daemon.child.kill("SIGTERM");
    // Still there until nobody is routed here any more.
    await wait(100);
    expect((await fetch(`${origin}/health/live`)).status).toBe(200);
    const exited = once(daemon.child, "exit");
    await watching.end;
    await exited;
    expect([daemon.child.exitCode, await daemon.output()]).toEqual([0, expect.stringContaining('"closed"')]);
  });

  test("loses no report that it accepted when the database is restarted under load", async () => {
    await using folder = await temporaryFolder("console");
    await using signingIn = await replica();
    const { origin, daemon } = await start(folder.path);
    const to = { ...signingIn, origin };
    const accepted: string[] = [];
    const refused: number[] = [];
    let run = 0;
    let going = true;
    const send = async () => {
      while (going) {
        const id = String(++run);
        const response = await fetch(`${to.origin}/api/reports`, {
          method: "POST",
          body: JSON.stringify(delivery({ run: id })),
          headers: {
            "Content-Type": "application/json",
            Authorization: `Bearer ${await issuer.token({ run_id: id })}`,
          },
        });
        await response.text();
        if (response.status === 200) accepted.push(id);
        else refused.push(response.status);
      }
    };
    const senders = Array.from({ length: 10 }, send);
    await eventually(() => expect(accepted.length).toBeGreaterThan(100));
    await postgres.stop();
    await eventually(() => expect(refused.length).toBeGreaterThan(0));
    await postgres.start();
    const before = accepted.length;
    await eventually(() => expect(accepted.length).toBeGreaterThan(before + 100));
    going = false;
    await Promise.all(senders);
    expect(new Set(refused)).toEqual(new Set([503]));
    const known = new Set<string>();
    let next: string | null = "";
    while (next !== null) {
      const { body }: { body: Page<DeliveryEvent> } = await signingIn.get(
        `/api/deliveries?limit=200${next && `&cursor=${next}`}`,
      );
      for (const { identity } of body.items) known.add(identity.run);
      next = body.next;
    }
    expect(accepted.filter((id) => !known.has(id))).toEqual([]);
    expect(await daemon.stop()).toBe(0);
  });
});
