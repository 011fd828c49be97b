import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../actions/lib/core/process.ts";
import { expectAccessible, looks, picture, settled, usePages } from "./testing/pages.ts";
import { startBrowser, startInterface } from "./testing/site.ts";

const root = join(import.meta.dirname, "../..");
const parts = new AsyncDisposableStack();
let origin: string;
let browser: Browser;
/** What the interface's backend says. */
let answer: { status: number; body: unknown };

beforeAll(async () => {
  // A repository with the README's interface in it, and otherwise what is here.
  const place = parts.use(await temporaryFolder("hello"));
  const folder = join(place.path, "apps/hello/frontend");
  const readme = await readFile(join(import.meta.dirname, "README.md"), "utf8");
  const files = [...readme.matchAll(/^`([\w./-]+)`[^`]*(?:`[^`\n]+`[^`\n]*)*\n\n```\w+\n([^]*?)^```$/gm)];
  for (const [, path = "", text = ""] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await mkdir(join(folder, "public"));
  await writeFile(join(folder, "public/favicon.svg"), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" />');
  for (const path of ["node_modules", "tsconfig.json", "apps/ui"])
    await symlink(join(root, path), join(place.path, path));
  await run("npm", ["run", "build"], { cwd: folder });

  const backend = createServer((_request, response) => {
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
  });
  backend.listen(0, "127.0.0.1");
  await once(backend, "listening");
  parts.defer(() => void backend.close());
  const { port } = backend.address() as AddressInfo;
  const nginx = parts.use(await startInterface(folder, join(folder, "dist"), [`127.0.0.1:${port}`]));
  origin = `http://127.0.0.1:${nginx.port}`;
  browser = await startBrowser();
  parts.defer(() => browser.close());
});
afterAll(() => parts.disposeAsync());
beforeEach(() => {
  answer = {
    status: 200,
    body: [
      { day: "2026-11-28", count: 7 },
      { day: "2026-11-29", count: 12 },
    ],
  };
});

const { open } = usePages(() => ({ origin, browser }));

test.each(looks)("the README's interface works, $name", async ({ name, ...options }) => {
  const page = await open("/", options);
  await settled(page);
  const spanish = options.locale.startsWith("es");
  expect(await page.title()).toBe(spanish ? "Saludos · Hello" : "Greetings · Hello");
  await page.locator("canvas").waitFor();
  // The table says what the chart draws, the last day first.
  expect(await page.locator("tbody td").allInnerTexts()).toEqual(["12", "7"]);
  // It has its own colour.
  expect(await page.evaluate('getComputedStyle(document.querySelector("header")).backgroundColor')).toBe(
    options.colorScheme === "light" ? "rgb(59, 31, 92)" : "rgb(28, 15, 46)",
  );
  // Nobody is asked for: the navigation is there, and no person in the preferences.
  expect(await page.locator("nav a").count()).toBe(1);
  await expectAccessible(page);
  await page.locator("button[popovertarget]").click();
  expect(await page.locator("ui-preferences-panel button").count()).toBe(0);
  await expectAccessible(page);
  await picture(page, `hello-${name}`);
});

describe("states", () => {
  test("nothing there", async () => {
    answer.body = [];
    const page = await open("/greetings");
    await page.getByRole("heading", { name: "Nobody was greeted yet" }).waitFor();
    await expectAccessible(page);
  });

  test("failed, and tried again", async () => {
    answer.status = 503;
    const page = await open("/greetings");
    await page.getByRole("alert").getByText("The server cannot answer right now").waitFor();
    answer.status = 200;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("canvas").waitFor();
  });

  test("an address that does not exist leads to the first page", async () => {
    const page = await open("/no/such/page");
    await page.getByRole("link", { name: "See the greetings" }).click();
    await page.waitForURL("**/greetings");
  });
});

describe("preferences", () => {
  test("the text grows, nothing sticks out, and it is kept", async () => {
    const page = await open("/greetings", { viewport: { width: 390, height: 844 } });
    await settled(page);
    const size = () => page.evaluate<string>("getComputedStyle(document.body).fontSize");
    expect(await size()).toBe("16px");
    await page.getByRole("button", { name: "Preferences" }).click();
    await page.getByText("Larger", { exact: true }).click();
    expect(await size()).toBe("20.8px");
    await expect.poll(() => page.locator(".cdk-live-announcer-element").innerText()).toBe("Text size: Larger");
    await expectAccessible(page);
    const html = await (await page.context().request.get(`${origin}/greetings`)).text();
    expect(html).toContain('data-text="larger"');
    await page.reload();
    await settled(page);
    expect(await size()).toBe("20.8px");
  });

  test("less motion: nothing moves, whatever the system says", async () => {
    const page = await open("/greetings", { reducedMotion: "no-preference" });
    await settled(page);
    const duration = () =>
      page.evaluate<string>(
        `(() => { const probe = document.createElement("i"); probe.style.animationDuration = "2s"; document.body.append(probe);
        const { animationDuration } = getComputedStyle(probe); probe.remove(); return animationDuration; })()`,
      );
    expect(await duration()).toBe("2s");
    await page.getByRole("button", { name: "Preferences" }).click();
    await page.getByText("Reduced", { exact: true }).click();
    expect(Number.parseFloat(await duration())).toBeLessThan(0.001);
    expect(await page.locator("html").getAttribute("data-motion")).toBe("reduced");
  });
});
