import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentOf, readConfig } from "../../actions/lib/config/config.ts";
import { renderHold } from "../../actions/lib/gitops/hold.ts";
import { list, pinImages } from "../../gitops/released.ts";
import { writeEnvironment } from "./environment.ts";
import { stepsAfterEnvironment } from "./report.ts";
import { copyOf, snapshot } from "./testing.ts";

test("an environment has its entry, its bootstrap folder, and each app's overlay without releases and holds", async () => {
  await using copy = await copyOf(["slipway.yaml", "gitops"]);
  const root = copy.path;
  const overlays = (await list("gitops/apps/*/overlays/dev/kustomization.yaml")).map((path) => join(path, ".."));
  const [first = ""] = overlays;
  await writeFile(join(root, first, "images/kustomization.yaml"), pinImages(["any"]));
  await writeFile(join(root, first, "hold.yaml"), renderHold({ reason: "it waits", since: "2026-01-01" }));
  await writeFile(join(root, first, "note.yaml"), "# As in dev.\n");
  const text = await readFile(join(root, "slipway.yaml"), "utf8");
  const changed = text.replace(
    "    cluster:",
    "    domain: dev.example.com\n    lease: { until: 2030-01-01 }\n    cluster:",
  );
  expect(changed).not.toBe(text);
  await writeFile(join(root, "slipway.yaml"), changed);
  const before = await snapshot(root);

  const written = await writeEnvironment({ root, name: "staging", like: "dev" });

  const config = await readConfig(join(root, "slipway.yaml"));
  const { network, domain: _, lease: __, ...like } = environmentOf(config, "dev");
  expect(environmentOf(config, "staging")).toEqual({ ...like, network: { ...network, cidr: "10.1.0.0/16" } });
  expect(config.deliver).toBe("dev");
  const after = await snapshot(root);
  expect(after["slipway.yaml"]?.startsWith(changed.trimEnd())).toBe(true);
  expect(after["slipway.yaml"]?.match(/# GitHub-hosted runners have no fixed addresses/g)).toHaveLength(2);
  for (const [path, content] of Object.entries(before)) if (path !== "slipway.yaml") expect(after[path]).toBe(content);

  expect(written.apps).toHaveLength(overlays.length);
  expect(written.leftOut).toEqual(["domain", "lease"]);
  const to = (path: string) => path.replace(/\/dev$/, "/staging");
  expect(written.mentions).toEqual([`${to(first)}/note.yaml`]);
  expect(written.wrote).toEqual(["slipway.yaml", "gitops/bootstrap/staging", ...overlays.map(to)]);
  for (const overlay of overlays.map(to)) {
    expect(after[`${overlay}/kustomization.yaml`]).toContain("slipway.dev/environment: staging");
    expect(after[`${overlay}/images/kustomization.yaml`]).toMatch(/^images: \[\]$/m);
    expect(after[`${overlay}/hold.yaml`]).toBeUndefined();
  }
  expect(after["gitops/bootstrap/staging/environment.yaml"]).toMatch(/^ {2}name: staging$/m);

  const commands = stepsAfterEnvironment(written).flatMap((step) => step.commands);
  expect(commands).toContain("./slipway bootstrap");
  expect(commands.join("\n")).toMatch(/gh api -X PUT repos\/\S+\/environments\/staging .*reviewers/);
  expect(commands.at(-1)).toBe("gh workflow run deliver.yml --ref main -f environment=staging");
});

test("a second one has a network of its own, too, and each may be like any other", async () => {
  await using copy = await copyOf(["slipway.yaml", "gitops"]);
  const root = copy.path;
  await writeEnvironment({ root, name: "staging", like: "dev" });
  expect((await writeEnvironment({ root, name: "prod", like: "staging" })).network).toBe("10.2.0.0/16");
  expect(Object.keys((await readConfig(join(root, "slipway.yaml"))).environments)).toEqual(["dev", "staging", "prod"]);
});
