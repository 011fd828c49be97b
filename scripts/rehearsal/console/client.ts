import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery, DeliveryEvent } from "../../../apps/contract/index.ts";
import { insist } from "../checks/checks.ts";
import type { ClusterInspector } from "../cluster/inspector.ts";
import { clusterOf, inspectorOf } from "../live/checks.ts";
import type { World } from "../world/parts.ts";
import { findConsole } from "./app.ts";

/** Somebody who is signed in at the console. */
export interface ConsoleClient {
  /** The address that is opened in a browser. */
  readonly url: string;
  /** Of requests that somebody else sends for this person: a secret. */
  readonly cookie: string;
  delivery(id: string): Promise<Delivery>;
  /** What the API answers, as JSON. @throws Error for every status that is not a success */
  ask(path: string): Promise<unknown>;
  /** Reads the live events from now on, over whatever breaks, until it is disposed of. */
  watch(): AsyncDisposable & { readonly events: readonly DeliveryEvent[] };
}

/**
 * Signs in by a link that is good for one use.
 *
 * @param link its path and query; the one that the console's first start has written into its log when left out
 * @throws Error when there is none, or it was used
 */
export async function openConsole(world: World, link?: string): Promise<ConsoleClient> {
  const inspector = await inspectorOf(world);
  const app = await appOf(world);
  const url = await inspector.publicUrl(app);
  const answer = await fetch(`${url}${link ?? (await firstLink(inspector, app))}`, { redirect: "manual" });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0];
  insist(cookie !== undefined, `its one-time link was answered with ${answer.status} and no session`);
  const get: Get = async (path, { signal, headers } = {}) => {
    const found = await fetch(`${url}${path}`, { ...(signal && { signal }), headers: { ...headers, cookie } });
    insist(found.ok, `${path} was answered with ${found.status}: ${found.ok ? "" : await found.text()}`);
    return found;
  };
  const ask = async (path: string): Promise<unknown> => (await get(path)).json();
  return {
    url,
    cookie,
    ask,
    delivery: async (id) => (await ask(`/api/deliveries/${id}`)) as Delivery,
    watch() {
      const events: DeliveryEvent[] = [];
      const stop = new AbortController();
      const over = follow(get, events, stop.signal);
      return {
        events,
        async [Symbol.asyncDispose]() {
          stop.abort();
          await over;
        },
      };
    },
  };
}

type Get = (path: string, more?: { signal?: AbortSignal; headers?: Record<string, string> }) => Promise<Response>;

async function appOf({ person }: World): Promise<string> {
  const console = await findConsole(person.directory);
  insist(console !== undefined, "the repository has no console");
  return console.name;
}

/** A new way into the console, good for one use. */
export async function newLink(world: World): Promise<string> {
  return (await inConsole(world, "exec deployment/backend -- node dist/link.js")).trim();
}

/** As a person at a terminal does: the commands are those of the console's README. */
export async function inConsole(world: World, command: string): Promise<string> {
  const cluster = await clusterOf(world);
  if (!cluster.exec) throw new Error("the cluster's node cannot run commands for the rehearsal");
  return cluster.exec(["kubectl", `--namespace=${await appOf(world)}`, ...command.split(" ")]);
}

async function firstLink(inspector: ClusterInspector, app: string): Promise<string> {
  const pods = await inspector.readyPods(app);
  for (const { metadata, spec } of pods) {
    const path = `/api/v1/namespaces/${app}/pods/${metadata.name}/log?container=${spec.containers[0]?.name}`;
    const link = /\/api\/session\/first\?token=[\w-]+/.exec(await inspector.kubernetes.text(path))?.[0];
    if (link) return link;
  }
  throw new Error("no pod of the console has written a one-time link");
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream, as far as it is used here */
async function follow(get: Get, events: DeliveryEvent[], signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      const { body } = await get("/api/events", {
        signal,
        headers: last === undefined ? {} : { "last-event-id": last },
      });
      let rest = "";
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          last = /^id: ?(.*)$/m.exec(block)?.[1] ?? last;
          const data = /^data: ?(.*)$/m.exec(block)?.[1];
          if (data !== undefined) events.push(JSON.parse(data) as DeliveryEvent);
        }
      }
    } catch {
      // The replica that it read from was replaced: the next one goes on from the last event.
      await sleep(200, undefined, { signal }).catch(() => {});
    }
  }
}
