import type { Delivery } from "@slipway/contract";
import { type Pages, usePages } from "@slipway/ui/testing/pages.ts";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { BackendDouble } from "./backend.ts";
import { build, type Site, startSite } from "./site.ts";

/** The console for the tests of one file, with fresh data for each of them. */
export interface ConsoleFixture {
  readonly site: Site;
  /** Opens a page in a browser of its own. What the browser complains of fails the test. */
  readonly open: Pages["open"];
  /** The delivery that runs. */
  readonly running: () => Delivery;
  readonly find: (fits: (delivery: Delivery) => boolean) => Delivery;
}

/** Starts the console before a file's tests and ends it after them. */
export function useConsole(): ConsoleFixture {
  const parts = new AsyncDisposableStack();
  let site: Site;
  beforeAll(async () => {
    site = parts.use(await startSite(await build()));
  });
  afterAll(() => parts.disposeAsync());
  beforeEach(() => {
    Object.assign(site.backend, freshData());
    site.backend.failing.clear();
    site.backend.held.clear();
    site.backend.requests.length = 0;
  });
  const { open } = usePages(() => site);
  return {
    get site() {
      return site;
    },
    open,
    running: () => site.backend.deliveries[0] as Delivery,
    find: (fits) => site.backend.deliveries.find(fits) as Delivery,
  };
}

function freshData(): Pick<BackendDouble, "deliveries" | "receipts" | "environments" | "session" | "options"> {
  const { deliveries, receipts, environments, session, options } = new BackendDouble();
  return { deliveries, receipts, environments, session, options };
}
