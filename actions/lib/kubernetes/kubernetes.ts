import {
  type ApiServerAccess,
  KubernetesError,
  type KubernetesRequest,
  KubernetesRequests,
  patchTypes,
} from "./requests.ts";
import type { KubernetesObject, Named } from "./objects.ts";
import {
  deadline,
  follow,
  type FollowOptions,
  lines,
  list,
  longest,
  type ObjectList,
  watch,
  type WatchEvent,
  type WatchOptions,
} from "./watch.ts";

export { type ApiServerAccess, KubernetesError } from "./requests.ts";

/**
 * A cluster's API. Paths are plain API paths, such as `/api/v1/namespaces/notes/pods`, and may carry a query.
 *
 * Every call throws KubernetesError: with `reason` `cluster-unreachable` after 30 seconds of attempts,
 * `cluster-refused` for 401 and 403, `cluster-untrusted` for another certificate authority, else `cluster-error`.
 */
export interface Kubernetes {
  /** `undefined` when there is no such object. */
  get<T = KubernetesObject>(path: string): Promise<T | undefined>;
  /** Everything, page by page. */
  list<T = KubernetesObject>(path: string, query?: Record<string, string>): Promise<ObjectList<T>>;
  /** Events after a resource version; ends when the server ends it (about once a minute) or the signal aborts. */
  watch<T extends Named = KubernetesObject>(path: string, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /**
   * Lists, then watches, and begins again where the connection or the resource version is lost.
   *
   * @returns when the signal aborts
   * @throws KubernetesError when the server refuses at first, or for 30 seconds; what `onChange` throws
   */
  follow<T extends Named = KubernetesObject>(path: string, options: FollowOptions<T>): Promise<void>;
  create<T = KubernetesObject>(path: string, body: object): Promise<T>;
  replace<T = KubernetesObject>(path: string, body: object): Promise<T>;
  /** @param type `merge` when left out; `apply` is server-side apply, by the field manager `slipway` */
  patch<T = KubernetesObject>(path: string, body: object, type?: keyof typeof patchTypes): Promise<T>;
  /** @param options a DeleteOptions; what is gone already is not an error */
  delete(path: string, options?: object): Promise<void>;
  /**
   * An answer that is not JSON, such as a pod's log.
   *
   * @param within milliseconds to try it for, where the usual 30,000 are too many
   */
  text(path: string, within?: number): Promise<string>;
  /** Such an answer line by line while it comes; ends when the server ends it or the signal aborts. */
  lines(path: string, signal: AbortSignal): AsyncIterable<string>;
}

const writer = { fieldManager: "slipway" };

/** Opens a cluster's API; nothing is sent before the first call. @throws SlipwayError when the address is invalid */
export function openKubernetes(access: ApiServerAccess): Kubernetes {
  const requests = new KubernetesRequests(access);
  const json = async (request: Omit<KubernetesRequest, "deadline">): Promise<unknown> =>
    JSON.parse(await requests.send({ ...request, deadline }));
  const write = async <T>(request: Omit<KubernetesRequest, "deadline">) =>
    (await json({ ...request, query: writer })) as T;
  return {
    get: async <T>(path: string) => (await json({ method: "GET", path }).catch(nothingAt404)) as T | undefined,
    list: (path, query) => list(json, path, query),
    watch: (path, options) => watch(requests, path, options),
    follow: (path, options) => follow(requests, json, path, options),
    create: (path, body) => write({ method: "POST", path, body }),
    replace: (path, body) => write({ method: "PUT", path, body }),
    patch: (path, body, type = "merge") => write({ method: "PATCH", path, body, contentType: patchTypes[type] }),
    async delete(path, options) {
      await json({ method: "DELETE", path, ...(options && { body: options }) }).catch(nothingAt404);
    },
    text: (path, within = deadline) => requests.send({ method: "GET", path, deadline: within, patience: within }),
    lines: (path, signal) => lines(requests, { method: "GET", path, signal, deadline: longest }, true),
  };
}

function nothingAt404(error: unknown): undefined {
  if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
}
