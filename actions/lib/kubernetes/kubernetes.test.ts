import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { close, listen } from "../../../scripts/rehearsal/tools/listening.ts";
import { type Kubernetes, openKubernetes } from "./kubernetes.ts";
import { type KubernetesObject } from "./objects.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const pods = "/api/v1/namespaces/demo/pods";

/** Handlers of the requests to come, in order; the last one serves the rest. */
let answers: Handler[];
let requests: string[];
let token: string;
let cluster: Kubernetes;

const server = createServer((request, response) => {
  requests.push(`${request.method} ${request.url}`);
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  answer?.(request, response);
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    response.writeHead(status, headers).end(JSON.stringify(body));
const refuse = (code: number, message: string, headers?: Record<string, string>) =>
  json(code, { kind: "Status", status: "Failure", code, message }, headers);
const pod = (name: string, resourceVersion: string, more = {}) => ({
  metadata: { name, namespace: "demo", resourceVersion, ...more },
});
const page = (resourceVersion: string, ...items: KubernetesObject[]) =>
  json(200, { metadata: { resourceVersion }, items });
const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

/** Events of a watch that stays open. */
const events =
  (...lines: string[]): Handler =>
  (_, response) =>
    response.writeHead(200).write(lines.join("") || "\n");
const queryOf = (request: string | undefined) => new URL(request?.split(" ")[1] ?? "", "http://x").searchParams;

beforeEach(async () => {
  answers = [];
  requests = [];
  token = "first";
  const port = await listen(server);
  cluster = openKubernetes({
    server: `http://127.0.0.1:${port}`,
    certificateAuthority: "",
    token: () => Promise.resolve(token),
  });
});
afterEach(() => close(server));

describe("one request", () => {
  it("gives nothing for what is not there", async () => {
    answers = [refuse(404, 'pods "one" not found')];
    expect(await cluster.get(`${pods}/one`)).toBeUndefined();
    await cluster.delete(`${pods}/one`);
  });

  it("says what the server said, and the reason that a workflow may branch on", async () => {
    answers = [refuse(403, 'pods is forbidden: User "x" cannot list resource "pods".')];
    await expect(cluster.list(pods)).rejects.toMatchObject({
      status: 403,
      reason: "cluster-refused",
      message: expect.stringMatching(
        /GET \/api\/v1\/namespaces\/demo\/pods at .*: 403, pods is forbidden: .*"pods"\.$/,
      ),
    });
    expect(requests).toHaveLength(1);
  });

  it("asks for another token once", async () => {
    const seen: unknown[] = [];
    answers = [
      (request, response) => {
        seen.push(request.headers.authorization);
        token = "second";
        refuse(401, "Unauthorized")(request, response);
      },
      (request, response) => {
        seen.push(request.headers.authorization);
        json(200, pod("one", "1"))(request, response);
      },
      refuse(401, "Unauthorized"),
    ];
    await cluster.get(`${pods}/one`);
    expect(seen).toEqual(["Bearer first", "Bearer second"]);
    await expect(cluster.get(`${pods}/one`)).rejects.toMatchObject({ status: 401, reason: "cluster-refused" });
    expect(requests).toHaveLength(4);
  });

  it("waits as long as a busy server asks for, also with a write", async () => {
    answers = [refuse(429, "busy", { "retry-after": "1" }), json(201, pod("one", "1"))];
    const began = performance.now();
    await cluster.create(pods, pod("one", ""));
    expect(performance.now() - began).toBeGreaterThan(950);
  });

  it("reads again after a lost connection and a 5xx, and writes nothing twice", async () => {
    const lose: Handler = (request) => request.destroy();
    answers = [lose, refuse(503, "starting"), json(200, pod("one", "1"))];
    expect(await cluster.get(`${pods}/one`)).toEqual(pod("one", "1"));
    expect(requests).toHaveLength(3);
    answers = [refuse(500, "timed out"), json(201, pod("one", "1"))];
    await expect(cluster.create(pods, pod("one", ""))).rejects.toMatchObject({ reason: "cluster-unreachable" });
    answers = [refuse(500, "timed out"), json(200, pod("one", "2"))];
    await expect(cluster.patch(`${pods}/one`, [], "json")).rejects.toMatchObject({ status: 500 });
    answers = [refuse(500, "timed out"), json(200, pod("one", "2"))];
    expect(await cluster.patch(`${pods}/one`, {})).toEqual(pod("one", "2"));
  });

  it("gives up after half a minute", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    answers = [
      (request, response) => {
        vi.advanceTimersByTime(31_000);
        refuse(503, "down")(request, response);
      },
    ];
    await expect(cluster.get(pods)).rejects.toMatchObject({ status: 503, reason: "cluster-unreachable" });
    expect(requests).toHaveLength(1);
    vi.useRealTimers();
  });

  it("refuses an invalid address", () => {
    expect(() => openKubernetes({ server: "cluster:6443", certificateAuthority: "", token: async () => "" })).toThrow(
      /"cluster:6443" is not the address/,
    );
  });
});

describe("list", () => {
  it("follows its pages, and begins again when the server forgot them", async () => {
    const first = json(200, { metadata: { resourceVersion: "7", continue: "more" }, items: [pod("one", "1")] });
    answers = [first, page("7", pod("two", "2"))];
    expect((await cluster.list(pods)).items.map((each) => each.metadata.name)).toEqual(["one", "two"]);
    answers = [first, refuse(410, "expired"), page("9", pod("one", "1"), pod("two", "2"), pod("three", "3"))];
    const { items, resourceVersion } = await cluster.list(pods, { labelSelector: "a=b" });
    expect([items.length, resourceVersion]).toEqual([3, "9"]);
    expect(requests.every((each, index) => index < 2 || queryOf(each).get("labelSelector") === "a=b")).toBe(true);
  });
});

describe("lines", () => {
  async function readAll(signal: AbortSignal): Promise<string[]> {
    const all: string[] = [];
    for await (const line of cluster.lines(`${pods}/one/log`, signal)) all.push(line);
    return all;
  }

  it("gives each line whole, also the last one that nothing ends, until its reader has enough", async () => {
    const character = Buffer.from("ñ");
    answers = [
      (_, response) => {
        response.write("one\ntw");
        response.write(character.subarray(0, 1));
        setImmediate(() => response.end(Buffer.concat([character.subarray(1), Buffer.from("o\n\nlast")])));
      },
      (_, response) => response.writeHead(200).write("first\n"),
    ];
    const never = new AbortController();
    expect(await readAll(never.signal)).toEqual(["one", "twño", "", "last"]);
    const enough = new AbortController();
    for await (const line of cluster.lines(`${pods}/one/log`, enough.signal)) {
      expect(line).toBe("first");
      enough.abort();
    }
    answers = [refuse(400, "container is waiting to start")];
    await expect(readAll(never.signal)).rejects.toThrow("waiting to start");
  });
});

describe("follow", () => {
  /** Follows until the names are as wanted. @returns how often it was told of a trouble */
  async function until(wanted: string): Promise<number> {
    const controller = new AbortController();
    let troubles = 0;
    const seen: string[] = [];
    await cluster.follow(pods, {
      signal: AbortSignal.any([controller.signal, AbortSignal.timeout(5000)]),
      onChange: (items) => {
        seen.push([...items.keys()].join());
        if (seen.at(-1) === wanted) controller.abort();
      },
      onTrouble: () => (troubles += 1),
    });
    expect(seen.at(-1)).toBe(wanted);
    return troubles;
  }

  it("lists, then applies what changes", async () => {
    answers = [
      page("5", pod("one", "1"), pod("two", "2")),
      events(line("ADDED", pod("three", "6")), line("DELETED", pod("one", "7"))),
    ];
    await until("demo/two,demo/three");
    const query = queryOf(requests[1]);
    expect([query.get("watch"), query.get("resourceVersion"), query.get("allowWatchBookmarks")]).toEqual([
      "true",
      "5",
      "true",
    ]);
    expect(Number(query.get("timeoutSeconds"))).toBeGreaterThan(0);
  });

  it("goes on where a watch was cut, in the middle of a line", async () => {
    const cut: Handler = (_, response) => {
      response.writeHead(200).write(line("BOOKMARK", { metadata: { resourceVersion: "8" } }) + '{"type":"AD');
      setTimeout(() => response.destroy(), 20);
    };
    answers = [page("5"), cut, events(line("ADDED", pod("late", "9")))];
    expect(await until("demo/late")).toBe(1);
    expect(queryOf(requests[2]).get("resourceVersion")).toBe("8");
  });

  it.each([
    ["as an event", events(line("ERROR", { kind: "Status", code: 410, message: "too old" }))],
    ["as an answer", refuse(410, "too old")],
  ])("lists again after 410 %s", async (_, gone) => {
    answers = [page("5", pod("old", "1")), gone, page("50", pod("new", "49")), events()];
    expect(await until("demo/new")).toBe(0);
  });

  it("reads characters that are cut by a chunk's end", async () => {
    const bytes = Buffer.from(line("ADDED", pod("one", "6", { annotations: { note: "für später: ✓" } })));
    answers = [
      page("5"),
      (_, response) => {
        response.writeHead(200);
        const write = (index: number) => {
          response.write(bytes.subarray(index, index + 1));
          if (index + 1 < bytes.length) setImmediate(write, index + 1);
        };
        write(0);
      },
    ];
    const controller = new AbortController();
    let note: string | undefined;
    await cluster.follow(pods, {
      signal: controller.signal,
      onChange: (items) => {
        note = items.get("demo/one")?.metadata.annotations?.note;
        if (note) controller.abort();
      },
    });
    expect(note).toBe("für später: ✓");
  });

  it("believes a refusal at first, and only one that lasts later", async () => {
    const signal = AbortSignal.timeout(5000);
    answers = [refuse(404, "the server could not find the requested resource")];
    await expect(cluster.follow(pods, { signal, onChange: () => {} })).rejects.toMatchObject({ status: 404 });
    answers = [page("5"), refuse(403, "not yet"), refuse(403, "not yet"), events(line("ADDED", pod("one", "6")))];
    expect(await until("demo/one")).toBe(0);
  });

  it("ends without a word when it is stopped before it has heard anything", async () => {
    const controller = new AbortController();
    answers = [() => controller.abort()];
    const told = vi.fn();
    await cluster.follow(pods, { signal: controller.signal, onChange: told, onTrouble: told });
    expect(told).not.toHaveBeenCalled();
  });

  it("fails with what the caller's own code throws", async () => {
    answers = [page("5")];
    const onChange = () => {
      throw new Error("mine");
    };
    await expect(cluster.follow(pods, { signal: AbortSignal.timeout(5000), onChange })).rejects.toThrow("mine");
  });
});
