import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterEach, beforeEach, expect } from "vitest";

/** Where the pictures of each page go; without it none are taken. */
const pictures = process.env.SCREENSHOTS;

/** The screens that pages are looked at on. */
export const screens = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** Each scheme and each language, on a desktop and on a phone: what every page is looked at in. */
export const looks = [
  { colorScheme: "light", viewport: screens.desktop, locale: "en-GB", name: "light-desktop" },
  { colorScheme: "dark", viewport: screens.desktop, locale: "es-ES", name: "dark-desktop" },
  { colorScheme: "light", viewport: screens.phone, locale: "es-MX", name: "light-phone" },
  { colorScheme: "dark", viewport: screens.phone, locale: "en-US", name: "dark-phone" },
] as const;

/** What `usePages` gives a file's tests. */
export interface Pages {
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
}

/** Opens pages in a browser of their own for each test of a file. What the browser complains of fails the test. */
export function usePages(site: () => { origin: string; browser: Browser }): Pages {
  let context: BrowserContext | undefined;
  let complaints: string[];
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    // Neither an error of the page nor a violation of the content security policy, whatever was done.
    expect(complaints).toEqual([]);
  });
  return {
    async open(path, options = {}) {
      const { origin, browser } = site();
      const usual = { viewport: screens.desktop, locale: "en-GB", timezoneId: "Europe/Madrid" };
      await context?.close();
      context = await browser.newContext({ ...usual, ...options });
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        // The browser itself notes an answer of 4xx or 5xx; tests that cause one look at what the page says.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          complaints.push(message.text());
      });
      await page.goto(origin + path);
      return page;
    },
  };
}

/** Waits until nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await page.locator("ui-skeleton").first().waitFor({ state: "detached" });
}

/** Nothing in a page may keep people out whom axe knows of, and nothing may stick out to the side. */
export async function expectAccessible(page: Page): Promise<void> {
  // What is wider than the page scrolls in its own place.
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

/** Takes a picture of a page, for a look. */
export async function picture(page: Page, name: string, options: { fullPage?: boolean } = {}): Promise<void> {
  if (!pictures) return;
  await mkdir(pictures, { recursive: true });
  // Charts are drawn by a bundle that nothing else waits for.
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(pictures, `${name}.png`), ...options });
}
