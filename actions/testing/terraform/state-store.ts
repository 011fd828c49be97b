import type { StateStore } from "../../lib/terraform/state/store.ts";

/** A bucket in memory: what is asked of it in unit tests, the real one does by itself (state-store.test.ts). */
export function memoryStore(content: Readonly<Record<string, string>> = {}): StateStore {
  const objects = new Map(Object.entries(content));
  const read = (name: string) => {
    const text = objects.get(name);
    return text === undefined ? undefined : { text, etag: text };
  };
  const done = (_result: unknown) => Promise.resolve();
  return {
    read: (name) => Promise.resolve(read(name)),
    tag: (name) => Promise.resolve(read(name)?.etag),
    write: (name, text) => done(objects.set(name, text)),
    create: () => Promise.resolve(true),
    list: (prefix) => Promise.resolve([...objects.keys()].filter((name) => name.startsWith(prefix))),
    remove: (name) => done(objects.delete(name)),
  };
}
