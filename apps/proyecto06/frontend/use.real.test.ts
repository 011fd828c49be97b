import { AxeBuilder } from "@axe-core/playwright";
import type { Delivery } from "@slipway/contract";
import { picture } from "@slipway/ui/testing/pages.ts";
import { describe, expect, test } from "vitest";
import { useConsole } from "./testing/console.ts";
import { deliveryOf } from "./testing/data.ts";

const fixture = useConsole();
const { open, find } = fixture;

describe("the address", () => {
  test("filters go there, narrow the list, and are there again after a reload", async () => {
    const page = await open("/deliveries");
    await page.getByLabel("Outcome").selectOption("Failed");
    await page.getByLabel("Search title, person, branch or commit").fill("Redis ");
    await page.waitForURL((url) => url.search === "?outcome=failed&search=Redis");
    const wanted = "/api/deliveries?outcome=failed&search=Redis&limit=25";
    await expect.poll(() => fixture.site.backend.requests.at(-1)).toBe(wanted);
    // A space at the end is still there to be typed on.
    expect(await page.getByLabel("Search title, person, branch or commit").inputValue()).toBe("Redis ");
    await page.reload();
    await page.locator("tbody tr").first().waitFor();
    expect(await page.getByLabel("Outcome").inputValue()).toBe("failed");
    expect(new Set(await page.locator("tbody ui-badge").allInnerTexts())).toEqual(new Set(["Failed"]));
    await page.getByLabel("From").fill("2020-01-02");
    await page.getByLabel("To", { exact: true }).fill("2020-01-03");
    await page.getByRole("heading", { name: "No delivery matches these filters" }).waitFor();
    // Days are the person's own: in Madrid they begin an hour before those of UTC.
    expect(fixture.site.backend.requests.at(-1)).toContain(
      "from=2020-01-01T23%3A00%3A00.000Z&to=2020-01-03T23%3A00%3A00.000Z",
    );
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.waitForURL((url) => url.pathname === "/deliveries" && url.search === "");
    await page.locator("tbody tr").nth(24).waitFor();
  });

  test("measures: interval and time", async () => {
    const page = await open("/measures?interval=month&range=365");
    await page.getByRole("heading", { name: "Deployment frequency" }).waitFor();
    expect(await page.getByLabel("Interval").inputValue()).toBe("month");
    await page.getByLabel("Time", { exact: true }).selectOption("Last 30 days");
    await page.getByLabel("Environment", { exact: true }).selectOption("staging");
    await page.waitForURL((url) => url.search === "?interval=month&range=30&environment=staging");
    const asked = () => {
      const last = fixture.site.backend.requests.findLast((each) => each.startsWith("/api/measures"));
      const query = new URLSearchParams(last?.split("?")[1]);
      const time = Date.parse(query.get("to") ?? "") - Date.parse(query.get("from") ?? "");
      return [query.get("interval"), query.get("environment"), time];
    };
    // The address is there before the page has asked again.
    await expect.poll(asked).toEqual(["month", "staging", 30 * 86_400_000 - 1]);
    await page.goBack();
    await page.waitForURL((url) => url.search === "?interval=month&range=30");
    // The address is back before the page is.
    await expect.poll(() => page.getByLabel("Environment", { exact: true }).inputValue()).toBe("");
  });
});

/** Whether the canvas has a pixel of the page's first and of its second colour; runs in the page. */
const coloursOfChart = `((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] === 255) seen.add("rgb(" + [...data.slice(at, at + 3)].join(", ") + ")");
  return ["--mat-sys-primary", "--warn"].map((name) => {
    const probe = document.createElement("i");
    probe.style.color = "var(" + name + ")";
    canvas.parentElement.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return seen.has(color);
  });
})(document.querySelectorAll("canvas")[1])`;

// A style that changes is on its way for a moment, also where motion is reduced: a chart must not take it from there.
test("a chart has the page's own colours, one for each of its lines", async () => {
  const page = await open("/measures?interval=week", { reducedMotion: "reduce" });
  await page.locator("canvas").nth(1).waitFor();
  await expect.poll(() => page.evaluate<boolean[]>(coloursOfChart)).toEqual([true, true]);
});

describe("live", () => {
  test("the list, the delivery's page and the announcement follow a run", async () => {
    const page = await open("/deliveries");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator("tbody tr").nth(24).waitFor();
    const fresh: Delivery = {
      ...deliveryOf(0, Date.now()),
      id: "18000000000-1",
      title: "Arrives while somebody watches",
      stage: "plan",
    };
    fixture.site.backend.change(fresh);
    const first = page.locator("tbody tr").first();
    await first.getByText("Arrives while somebody watches").waitFor();
    const said = page.locator(".cdk-live-announcer-element");
    await expect.poll(() => said.innerText()).toBe("Delivery in dev, Running: Plan");
    await first.getByRole("link").click();
    await page.getByRole("heading", { name: "Arrives while somebody watches" }).waitFor();
    const proven = { ...find(({ proof }) => proof !== null), id: fresh.id, title: fresh.title };
    fixture.site.backend.change(proven);
    await page.getByText("Seen to be live on").waitFor();
    expect(await page.locator(".state ui-badge").innerText()).toBe("Succeeded");
  });

  test("a change that does not fit the filter stays away", async () => {
    const page = await open("/deliveries?environment=staging");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator("tbody tr").first().waitFor();
    fixture.site.backend.change({
      ...deliveryOf(0, Date.now()),
      id: "18000000001-1",
      environment: "dev",
      title: "Elsewhere",
    });
    fixture.site.backend.change({
      ...deliveryOf(0, Date.now()),
      id: "18000000002-1",
      environment: "staging",
      title: "Right here",
    });
    await page.getByText("Right here").waitFor();
    expect(await page.getByText("Elsewhere").count()).toBe(0);
  });

  test("after a short cut the browser goes on from the last event", async () => {
    const page = await open("/deliveries");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator("tbody tr").first().waitFor();
    fixture.site.backend.change({ ...deliveryOf(0, Date.now()), id: "18000000004-1", title: "Before the cut" });
    await page.getByText("Before the cut").waitFor();
    fixture.site.backend.cut();
    fixture.site.backend.change({ ...deliveryOf(0, Date.now()), id: "18000000005-1", title: "During the cut" });
    await page.getByText("During the cut").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
  });

  test("a lost connection is said, comes back by itself, and what was missed is there", async () => {
    const page = await open("/deliveries");
    await page.getByText("Live", { exact: true }).waitFor();
    fixture.site.backend.failing.set("/api/events", { type: "about:blank", title: "Bad Gateway", status: 502 });
    fixture.site.backend.cut();
    const banner = page.getByText("The live connection is lost");
    await banner.waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await picture(page, "connection-lost");
    // The browser tries again after some seconds, and gives up for the error that it gets.
    const tries = () => fixture.site.backend.requests.filter((each) => each === "/api/events").length;
    await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(1);
    const missed: Delivery = { ...deliveryOf(0, Date.now()), id: "18000000003-1", title: "Missed meanwhile" };
    fixture.site.backend.deliveries.unshift(missed);
    fixture.site.backend.failing.clear();
    await page.getByText("Missed meanwhile").waitFor();
    await banner.waitFor({ state: "detached" });
  });
});

describe("sign-in", () => {
  test("nobody signed in: every page leads there and back", async () => {
    fixture.site.backend.session = null;
    const page = await open("/measures?interval=day");
    await page.waitForURL("**/sign-in?return=*");
    const link = page.getByRole("link", { name: "Sign in with GitHub" });
    expect(await link.getAttribute("href")).toBe("/api/session/sign-in?return=%2Fmeasures%3Finterval%3Dday");
    expect(await page.getByRole("navigation").count()).toBe(0);
    await page.goto(`${fixture.site.origin}/sign-in?return=//evil.example`);
    expect(await link.getAttribute("href")).toBe("/api/session/sign-in?return=%2F");
    fixture.site.backend.options = { issuer: null, oneTimeLink: true };
    await page.reload();
    await page.getByRole("heading", { name: "With a one-time link" }).waitFor();
    expect(await link.count()).toBe(0);
  });

  test("signing out", async () => {
    const page = await open("/deliveries");
    await page.getByRole("button", { name: "Preferences" }).click();
    await page.getByText("A user who is signed in", { exact: true }).first().waitFor();
    await picture(page, "preferences");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    expect(fixture.site.backend.session).toBeNull();
    await expect.poll(() => fixture.site.backend.watchers).toBe(0);
  });
});

describe("preferences", () => {
  test("language: the same page in the other one, kept for the next visit", async () => {
    const page = await open("/deliveries?outcome=failed");
    await page.getByRole("heading", { name: "Deliveries" }).waitFor();
    await page.getByRole("button", { name: "Preferences" }).click();
    await page.getByText("Español").click();
    await page.getByRole("heading", { name: "Entregas", level: 1 }).waitFor();
    expect(page.url()).toBe(`${fixture.site.origin}/deliveries?outcome=failed`);
    await page.goto(`${fixture.site.origin}/receipts`);
    await page.getByRole("heading", { name: "Recibos" }).waitFor();
    expect(await page.title()).toBe("Recibos · Slipway");
    await page.getByText("3,65 US$").waitFor();
  });

  test("colours and contrast: each by itself, announced, there before the application starts", async () => {
    const page = await open("/environments", { colorScheme: "light" });
    await page.getByRole("heading", { name: "dev" }).waitFor();
    const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await ground();
    await page.getByRole("button", { name: "Preferences" }).click();
    await page.getByText("Dark", { exact: true }).click();
    expect(await ground()).not.toBe(light);
    const said = page.locator(".cdk-live-announcer-element");
    await expect.poll(() => said.innerText()).toBe("Colours: Dark");
    await page.getByText("More", { exact: true }).click();
    await expect.poll(() => said.innerText()).toBe("Contrast: More");
    expect(await ground()).toBe("rgb(0, 0, 0)");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await picture(page, "more-contrast");
    const html = await (await page.context().request.get(`${fixture.site.origin}/environments`)).text();
    expect(html).toMatch(/<html lang="en" data-scheme="dark" data-contrast="more"/);
  });
});

describe("by keyboard alone", () => {
  test("from the skip link through the list into a delivery and back", async () => {
    const page = await open("/deliveries");
    await page.locator("tbody tr").nth(24).waitFor();
    const focused = () =>
      page.evaluate(
        "(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()",
      );
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Deliveries");
    expect(page.url()).toBe(`${fixture.site.origin}/deliveries`);
    const walked: unknown[] = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press("Tab");
      walked.push(await focused());
      if (walked.at(-1) === "Count visits that come while Redis is away") break;
    }
    expect(walked.at(-1)).toBe("Count visits that come while Redis is away");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Stages" }).waitFor();
    await expect.poll(focused).toBe("Count visits that come while Redis is away");
    expect(await page.title()).toBe("Count visits that come while Redis is away · Slipway");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Shift+Tab");
    expect(await focused()).toBe("Deliveries");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/deliveries");
  });

  test("preferences open, change and close; the focus comes back", async () => {
    const page = await open("/receipts");
    await page.getByRole("heading", { name: "Receipts" }).waitFor();
    const button = page.getByRole("button", { name: "Preferences" });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    expect(await page.locator("html").getAttribute("data-scheme")).toBe("light");
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.activeElement.getAttribute('popovertarget')")).toBe("preferences");
  });

  test("a filter is chosen and cleared", async () => {
    const page = await open("/deliveries");
    await page.getByLabel("Kind").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.waitForURL("**/deliveries?kind=*");
    await page.getByRole("button", { name: "Clear filters" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.search === "");
  });
});

/** A picture of a state, for those who want to look at it. */
