import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appNameProblem, sameNames } from "../actions/lib/gitops/app-name.ts";

const root = join(import.meta.dirname, "..");
/** The parts of each path that match, such as `gitops`, `apps`, an app. */
const parts = (pattern: string) => globSync(pattern, { cwd: root }).map((path) => path.split("/"));

test("every app in the working tree has a name that a plan takes", () => {
  const manifests = parts("gitops/apps/*/*").map(([, , app = ""]) => app);
  const images = parts("apps/*/*/Dockerfile").map(([, app = ""]) => app);
  const overlays = parts("gitops/apps/*/overlays/*").map(([, , app = "", , environment = ""]) => ({
    app,
    environment,
  }));
  expect(manifests).not.toEqual([]);
  expect(images).not.toEqual([]);
  expect([...new Set([...manifests, ...images])].flatMap((app) => appNameProblem(app) ?? [])).toEqual([]);
  expect(sameNames(overlays)).toEqual([]);
});
