import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { byName, keyOf, type Named } from "./objects.ts";
import { KubernetesError, type KubernetesRequest, type KubernetesRequests, noAnswer } from "./requests.ts";

/** Milliseconds for a request that is answered at once. */
export const deadline = 30_000;
/** An answer that goes on and on is cut after this time. */
export const longest = 3_600_000;
/** The time after which a watch begins again, in milliseconds: a connection that died unnoticed is found out then. */
const watchSeconds = 60;
const pageSize = "500";
/** A refusal in the middle of a follow is believed after this time: a starting server does not know its RBAC yet. */
const patience = 30_000;
const longestPause = 2_000;

/** One event of a watch; a bookmark's object holds nothing but its resource version. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

/** How something is followed. */
export interface FollowOptions<T> {
  /** For example `labelSelector`. */
  query?: Record<string, string>;
  /** Ends the following. */
  signal: AbortSignal;
  /** Called with everything there is, first after the list and then after each event; by `namespace/name`. */
  onChange: (items: ReadonlyMap<string, T>) => void;
  /** Called when the server could not be asked and will be asked again. */
  onTrouble?: (error: KubernetesError) => void;
}

/** What a list gives. */
export interface ObjectList<T> {
  items: T[];
  resourceVersion: string;
}

/** Where a watch begins and how it ends. */
export interface WatchOptions {
  resourceVersion: string;
  query?: Record<string, string>;
  signal: AbortSignal;
}

/** Asks for JSON. */
type Ask = (request: Omit<KubernetesRequest, "deadline">) => Promise<unknown>;

interface ListPage<T> {
  items: T[];
  metadata: { resourceVersion: string; continue?: string };
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
export async function list<T>(
  ask: Ask,
  path: string,
  query: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<ObjectList<T>> {
  const page = async (more: Record<string, string>) =>
    (await ask({ method: "GET", path, query: { ...query, ...more }, signal })) as ListPage<T>;
  let { items, metadata } = await page({ limit: pageSize });
  while (metadata.continue) {
    try {
      const next = await page({ limit: pageSize, continue: metadata.continue });
      items = [...items, ...next.items];
      metadata = next.metadata;
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status !== 410) throw error;
      ({ items, metadata } = await page({})); // the server has forgotten the snapshot: all at once then
    }
  }
  return { items, resourceVersion: metadata.resourceVersion };
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export async function* watch<T extends Named>(
  requests: KubernetesRequests,
  path: string,
  { resourceVersion, query, signal }: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const parameters = { watch: "true", allowWatchBookmarks: "true", timeoutSeconds: String(watchSeconds) };
  const events = lines(requests, {
    method: "GET",
    path,
    query: { ...query, ...parameters, resourceVersion },
    signal,
    deadline: watchSeconds * 1000 + deadline,
  });
  for await (const line of events) if (line) yield readEvent<T>(line, path);
}

/** The lines of an answer. @param unended also a last one that nothing ends */
export async function* lines(
  requests: KubernetesRequests,
  request: KubernetesRequest,
  unended = false,
): AsyncGenerator<string> {
  try {
    const response = await requests.open(request);
    // A chunk may end anywhere, also inside of a character.
    const decoder = new StringDecoder("utf8");
    let rest = "";
    for await (const chunk of response) {
      const whole = (rest + decoder.write(chunk as Buffer)).split("\n");
      rest = whole.pop() ?? "";
      yield* whole;
    }
    if (unended && rest) yield rest;
  } catch (error) {
    if (request.signal?.aborted) return;
    throw error instanceof KubernetesError ? error : noAnswer(`GET ${request.path.replace(/\?.*/, "")}`, error);
  }
}

function readEvent<T>(line: string, path: string): WatchEvent<T> {
  const event = JSON.parse(line) as WatchEvent<T> | { type: "ERROR"; object: { code?: number; message?: string } };
  if (event.type !== "ERROR") return event;
  const { code = 500, message = "no reason" } = event.object;
  throw new KubernetesError(`The watch of ${path} ended: ${code}, ${message}.`, code);
}

export async function follow<T extends Named>(
  requests: KubernetesRequests,
  ask: Ask,
  path: string,
  { query = {}, signal, onChange, onTrouble }: FollowOptions<T>,
): Promise<void> {
  const ended = () => signal.aborted;
  const setback = new Setback();
  let items = new Map<string, T>();
  let listed = false;
  let resourceVersion = "";
  while (!ended()) {
    try {
      if (!resourceVersion) {
        const found = await list<T>(ask, path, query, signal);
        items = byName(found.items);
        ({ resourceVersion } = found);
        listed = true;
        onChange(items);
      }
      for await (const { type, object } of watch<T>(requests, path, { resourceVersion, query, signal })) {
        setback.over();
        resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
        if (type === "BOOKMARK") continue;
        items = new Map(items);
        if (type === "DELETED") items.delete(keyOf(object));
        else items.set(keyOf(object), object);
        onChange(items);
      }
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (ended()) return;
      if (error.status === 410)
        resourceVersion = ""; // too old for the server: everything is listed again
      else if (!error.transient && (!listed || setback.lasts > patience)) throw error;
      if (error.transient) onTrouble?.(error);
    }
    await setback.pause(signal);
  }
}

/** Pauses that grow while attempts end quickly: none at first, so that a watch goes on at once where it ended. */
class Setback {
  #since: number | undefined;
  #resumed = 0;
  #pause = 0;

  /** Milliseconds since the first of the attempts that ended quickly. */
  get lasts(): number {
    return this.#since === undefined ? 0 : Date.now() - this.#since;
  }

  over(): void {
    this.#since = undefined;
    this.#pause = 0;
  }

  async pause(signal: AbortSignal): Promise<void> {
    if (Date.now() - this.#resumed > 2 * longestPause) this.over();
    this.#since ??= Date.now();
    if (this.#pause > 0) await sleep(this.#pause, undefined, { signal }).catch(() => {});
    this.#pause = Math.min(Math.max(this.#pause * 2, 100), longestPause);
    this.#resumed = Date.now();
  }
}
