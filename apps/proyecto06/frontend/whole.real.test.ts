import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createLogger, createPool, linkPath } from "@slipway/kit";
import { startPostgres } from "@slipway/kit/testing/postgres.ts";
import { startWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import { startBrowser } from "@slipway/ui/testing/site.ts";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seed } from "../backend/src/seed/seed.ts";
import { databaseFor, delivery, type Replica, startReplica, testConfig } from "../backend/src/testing.ts";
import { build, startConsole } from "./testing/site.ts";

/** Where pictures go; without it none are taken. */
const pictures = process.env.SCREENSHOTS;

const parts = new AsyncDisposableStack();
let backend: Replica;
let token: string;
let origin: string;
let page: Page;

beforeAll(async () => {
  const postgres = parts.use(await startPostgres());
  const issuer = parts.use(await startWorkflowIssuer());
  token = await issuer.token();
  const environment = await databaseFor(postgres, "console", issuer);
  const config = testConfig({ ...environment, TRUSTED_PROXIES: "loopback" });
  const pool = createPool(config, createLogger(config));
  parts.defer(() => pool.end());
  await seed(pool, 3_000);
  backend = parts.use(await startReplica(config));
  const nginx = parts.use(await startConsole(await build(), backend.origin.slice("http://".length)));
  origin = `http://127.0.0.1:${nginx.port}`;
  const browser = await startBrowser();
  parts.defer(() => browser.close());
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  if (pictures) await mkdir(pictures, { recursive: true });
});
afterAll(async () => {
  await parts.disposeAsync();
});

async function shows(path: string, text: string | RegExp): Promise<void> {
  await page.goto(origin + path);
  await page.locator("main").getByText(text).filter({ visible: true }).first().waitFor();
  await page.locator("ui-skeleton").first().waitFor({ state: "detached" });
  expect(await page.getByRole("alert").count()).toBe(0);
  if (!pictures) return;
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(pictures, `whole${path.replaceAll(/\W/g, "-")}.png`), fullPage: true });
}

test("a one-time link leads in; before it every page leads to where one signs in", async () => {
  await page.goto(`${origin}/environments`);
  await page.getByRole("heading", { name: "With a one-time link" }).waitFor();
  await page.goto(origin + linkPath(await backend.context.links.create()));
  await page.getByRole("heading", { name: "Deliveries" }).waitFor();
  await page.locator("tbody tr").nth(24).waitFor();
});

test("a link that was used says so, where one may go on", async () => {
  await page.goto(`${origin}${linkPath("used")}`);
  await page.getByText("This link was used before, is too old, or was not copied whole.").waitFor();
  expect(new URL(page.url()).pathname).toBe("/sign-in");
});

test("every page reads what the backend says", async () => {
  await shows("/deliveries", "Commit to proof");
  await page.getByRole("button", { name: "Show older ones" }).click();
  await page.locator("tbody tr").nth(49).waitFor();
  await page.locator("tbody a").first().click();
  await page.getByRole("heading", { name: "Stages" }).waitFor();
  await shows("/deliveries?outcome=failed&search=a", "Failed");
  await shows("/environments", "Age of release");
  for (const interval of ["day", "week", "month"])
    await shows(`/measures?interval=${interval}`, "Deployment frequency");
  await shows("/receipts", "Kept on purpose");
  await page.locator("main a").first().click();
  await page.getByText("Verdict").waitFor();
  await page.getByRole("link", { name: "See the run of this teardown" }).click();
  await page.getByRole("heading", { name: "Stages" }).waitFor();
});

test("a report of the pipeline is there at once", async () => {
  await page.goto(`${origin}/deliveries`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.locator("tbody tr").nth(24).waitFor();
  const startedAt = new Date(Date.now() - 150_000).toISOString();
  const report = delivery({ startedAt, title: "Reported while somebody watches" });
  expect((await backend.post("/api/reports", report, token)).status).toBe(200);
  await page.getByRole("link", { name: "Reported while somebody watches" }).click();
  await page.getByText("Seen to be live on").waitFor();
  await page.getByText("visits-api-1").waitFor();
});
