import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Delivery } from "@slipway/proyecto06-contract";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { BackendDouble } from "./backend.ts";
import { build, type Site, startSite } from "./site.ts";

/** Where the pictures of each page go; without it none are taken. */
const pictures = process.env.SCREENSHOTS;

/** The screens that pages are looked at on. */
export const screens = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** The console for the tests of one file, with fresh data for each of them. */
export interface ConsoleBench {
  readonly site: Site;
  /** Opens a page in a browser of its own. What the browser complains of fails the test. */
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
  /** The delivery that runs. */
  readonly running: () => Delivery;
  readonly find: (fits: (delivery: Delivery) => boolean) => Delivery;
}

/** Starts the console before a file's tests and ends it after them. */
export function useConsole(): ConsoleBench {
  const parts = new AsyncDisposableStack();
  let site: Site;
  let context: BrowserContext;
  let complaints: string[];
  beforeAll(async () => {
    site = parts.use(await startSite(await build()));
    if (pictures) await mkdir(pictures, { recursive: true });
  });
  afterAll(() => parts.disposeAsync());
  beforeEach(() => {
    complaints = [];
    Object.assign(site.backend, freshData());
    site.backend.failing.clear();
    site.backend.held.clear();
    site.backend.requests.length = 0;
  });
  afterEach(async () => {
    await context.close();
    // Neither an error of the pages nor a violation of the content security policy, whatever was done.
    expect(complaints).toEqual([]);
  });
  return {
    get site() {
      return site;
    },
    async open(path, options = {}) {
      const usual = { viewport: screens.desktop, locale: "en-GB", timezoneId: "Europe/Madrid" };
      context = await site.browser.newContext({ ...usual, ...options });
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        // The browser itself notes an answer of 4xx or 5xx; tests that cause one look at what the page says.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          complaints.push(message.text());
      });
      await page.goto(site.origin + path);
      return page;
    },
    running: () => site.backend.deliveries[0] as Delivery,
    find: (fits) => site.backend.deliveries.find(fits) as Delivery,
  };
}

function freshData(): Pick<BackendDouble, "deliveries" | "receipts" | "environments" | "session" | "options"> {
  const { deliveries, receipts, environments, session, options } = new BackendDouble();
  return { deliveries, receipts, environments, session, options };
}

/** Waits until nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await page.locator("app-skeleton").first().waitFor({ state: "detached" });
}

/** Takes a picture of a page, for a look. */
export async function picture(page: Page, name: string, options: { fullPage?: boolean } = {}): Promise<void> {
  if (!pictures) return;
  // Charts are drawn by a bundle that nothing else waits for.
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(pictures, `${name}.png`), ...options });
}
