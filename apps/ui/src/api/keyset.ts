import { computed, inject, linkedSignal, signal } from "@angular/core";
import { ApiClient, type ApiRequest, apiResource } from "./api";

/** A page of a list; `next` is the cursor of the following one. */
export interface KeysetPage<Item> {
  items: Item[];
  next: string | null;
}

/** Rows of one request. */
const limit = 25;

/**
 * A list that comes in keyset pages: the first is loaded when its query changes, each following one when it is asked
 * for, and what was loaded stays. Made where `inject()` may be called.
 */
export class Keyset<Item> {
  readonly #api = inject(ApiClient);
  readonly #request: (cursor?: string) => ApiRequest;

  /**
   * @param path the list's path
   * @param query its parameters, read as a signal is
   */
  constructor(path: string, query: () => Record<string, string>) {
    this.#request = (cursor) => ({ path, query: { ...query(), limit, cursor } });
  }

  readonly first = apiResource<KeysetPage<Item>>(() => this.#request());
  /** The first page; undefined until it is there. A new object each time that it is loaded. */
  readonly start = computed(() => (this.first.hasValue() ? this.first.value() : undefined));

  // All that follows the first page begins again with it.
  readonly #loaded = linkedSignal<KeysetPage<Item>>(() => this.start() ?? { items: [], next: null });
  readonly #error = linkedSignal<unknown, unknown>({ source: this.start, computation: () => null });
  readonly #loading = signal(false);

  readonly items = computed(() => this.#loaded().items);
  readonly hasMore = computed(() => this.#loaded().next !== null);
  readonly loadingMore = this.#loading.asReadonly();
  readonly moreError = this.#error.asReadonly();

  /** Loads the following page. */
  async more(): Promise<void> {
    const before = this.#loaded();
    if (before.next === null || this.#loading()) return;
    this.#loading.set(true);
    this.#error.set(null);
    try {
      const page = await this.#api.get<KeysetPage<Item>>(this.#request(before.next));
      // Another query may have been asked meanwhile.
      if (this.#loaded() === before) this.#loaded.set({ ...page, items: [...before.items, ...page.items] });
    } catch (error) {
      if (this.#loaded() === before) this.#error.set(error);
    } finally {
      this.#loading.set(false);
    }
  }
}
