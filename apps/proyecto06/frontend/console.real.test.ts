import { AxeBuilder } from "@axe-core/playwright";
import { expectAccessible, looks, picture, settled } from "@slipway/ui/testing/pages.ts";
import { describe, expect, test } from "vitest";
import { useConsole } from "./testing/console.ts";

const fixture = useConsole();
const { open, running, find } = fixture;
/** Every page by its name, with what must be in it. */
const pages: Record<string, { path: () => string; prepare?: () => void; shows: RegExp }> = {
  deliveries: { path: () => "/deliveries", shows: /Count visits that come while Redis is away/ },
  "delivery-running": { path: () => `/deliveries/${running().id}`, shows: /proyecto06-frontend/ },
  "delivery-failed": {
    path: () => `/deliveries/${find(({ outcome }) => outcome === "failed").id}`,
    shows: /npm ci ended with 1/,
  },
  "delivery-proven": {
    path: () => `/deliveries/${find(({ proof }) => proof !== null).id}`,
    shows: /frontend-7c9f8d6b5/,
  },
  teardown: {
    path: () => `/deliveries/${find(({ kind }) => kind === "teardown").id}`,
    shows: /snap-0f3a9c21d4e5b6a78/,
  },
  environments: { path: () => "/environments", shows: /visits-nginx/ },
  measures: { path: () => "/measures", shows: /7[.,]1/ },
  receipts: { path: () => "/receipts", shows: /preview/ },
  receipt: {
    path: () => `/receipts/${fixture.site.backend.receipts[1]?.id ?? ""}`,
    shows: /eipalloc-05b1e2f3a4c5d6e7f/,
  },
  "sign-in": { path: () => "/sign-in", prepare: () => (fixture.site.backend.session = null), shows: /GitHub/ },
  "not-found": { path: () => "/no/such/page", shows: /404/ },
};

describe.each(looks)("$name", ({ name, ...options }) => {
  test.each(Object.keys(pages))("%s", async (which) => {
    const { path, prepare, shows } = pages[which] as (typeof pages)[string];
    prepare?.();
    const page = await open(path(), { ...options, reducedMotion: "reduce" });
    await page.getByText(shows).first().waitFor();
    await settled(page);
    expect(await page.title()).toMatch(/\S · Slipway$/);
    expect(await page.locator("html").getAttribute("lang")).toBe(options.locale.slice(0, 2));
    await expectAccessible(page);
    await picture(page, `${which}-${name}`, { fullPage: true });
  });
});

describe("states", () => {
  const lists = [
    {
      path: "/deliveries",
      api: "/api/deliveries",
      empty: () => (fixture.site.backend.deliveries = []),
      says: "Nothing was delivered yet",
    },
    {
      path: "/environments",
      api: "/api/environments",
      empty: () => (fixture.site.backend.environments = []),
      says: "There is no environment yet",
    },
    {
      path: "/receipts",
      api: "/api/receipts",
      empty: () => (fixture.site.backend.receipts = []),
      says: "There is no receipt yet",
    },
  ];

  test.each(lists)("$path: nothing there", async ({ path, empty, says }) => {
    empty();
    const page = await open(path);
    await page.getByRole("heading", { name: says }).waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await picture(page, `empty${path.replace("/", "-")}`);
  });

  test.each([...lists.map(({ path, api }) => ({ path, api })), { path: "/measures", api: "/api/measures" }])(
    "$path: on its way, failed, tried again",
    async ({ path, api }) => {
      const gate = Promise.withResolvers<undefined>();
      fixture.site.backend.held.set(api, gate.promise);
      const page = await open(path);
      await page.locator("ui-skeleton").first().waitFor();
      expect(await page.getByText("Loading…").first().textContent()).toBe("Loading…");
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      fixture.site.backend.failing.set(api, {
        type: "about:blank",
        title: "Service Unavailable",
        status: 503,
        detail: "The database does not answer.",
        requestId: "f00d",
      });
      gate.resolve(undefined);
      const alert = page.getByRole("alert");
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(
        /The server cannot answer right now\s+The database does not answer.\s+Request f00d/,
      );
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      await picture(page, `error${path.replace("/", "-")}`);
      fixture.site.backend.failing.clear();
      await page.getByRole("button", { name: "Try again" }).click();
      await alert.waitFor({ state: "detached" });
      expect(await page.locator("main").innerText()).toMatch(/dev|Deployment frequency/);
    },
  );

  test("a delivery that does not exist says so, in the person's language", async () => {
    const page = await open("/deliveries/1-1", { locale: "es-ES" });
    expect(await page.getByRole("alert").innerText()).toContain("Esto no existe");
    expect(await page.getByRole("button", { name: "Intentar de nuevo" }).count()).toBe(1);
  });

  test("older pages come one after the other, and a failing one leaves those that are there", async () => {
    const page = await open("/deliveries");
    const rows = page.locator("tbody tr");
    await rows.nth(24).waitFor();
    fixture.site.backend.failing.set("/api/deliveries", {
      type: "about:blank",
      title: "Too Many Requests",
      status: 429,
    });
    await page.getByRole("button", { name: "Show older ones" }).click();
    await page.getByRole("alert").waitFor();
    expect(await rows.count()).toBe(25);
    fixture.site.backend.failing.clear();
    await page.getByRole("button", { name: "Try again" }).click();
    await rows.nth(49).waitFor();
    await page.getByRole("button", { name: "Show older ones" }).click();
    await page.getByText("No more deliveries").waitFor();
    expect(await rows.count()).toBe(60);
  });
});
