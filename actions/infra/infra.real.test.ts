import { afterAll, beforeAll, expect, test } from "vitest";
import { SlipwayError } from "../lib/core/errors.ts";
import { applyInfra } from "./infra.ts";
import { needsApply } from "../lib/terraform/fingerprint.ts";
import { type ApplyWorld, openApplyWorld } from "../testing/terraform/world.ts";
import { commitFiles } from "../testing/repository.ts";

let world: ApplyWorld;
beforeAll(async () => {
  world = await openApplyWorld();
  await world.reset();
});
afterAll(() => world[Symbol.asyncDispose]());

const cluster = (text: string) => ({
  "terraform/environment/main.tf": `
    terraform {
      backend "s3" { use_lockfile = true }
    }
    resource "terraform_data" "cluster" { input = "${text}" }
    output "cluster_name" { value = "demo-dev" }`,
});
const bootstrap = (text: string) => ({ "gitops/bootstrap/argocd/kustomization.yaml": text });

test("Terraform and Argo CD each run again for what failed or has changed, and for nothing else", async () => {
  const request = () => world.request({ root: "environment" });
  const needed = () => needsApply({ ...request(), revision: "HEAD" });
  let installations = 0;
  let broken = true;
  const install = async () => {
    installations += 1;
    if (broken) throw new SlipwayError("Argo CD is not healthy in time.");
    return { version: "v3.2.11", objects: 64 };
  };
  /** What a run started: Terraform's commands, and how often Argo CD's installation. */
  const runs = async () => {
    installations = 0;
    const { argocd } = await applyInfra(request(), install);
    return { terraform: await world.started(), installations, argocd: argocd?.version };
  };

  await commitFiles(world.repository, { ...cluster("first"), ...bootstrap("first") });
  await expect(runs()).rejects.toThrow("not healthy");
  expect({ terraform: await world.started(), installations }).toEqual({
    terraform: ["init", "plan", "show", "apply", "output"],
    installations: 1,
  });
  expect(await needed(), "after an installation that failed").toBe(true);

  broken = false;
  expect(await runs(), "the next run").toEqual({ terraform: [], installations: 1, argocd: "v3.2.11" });
  expect(await needed()).toBe(false);
  expect(await runs(), "nothing changed").toEqual({ terraform: [], installations: 0, argocd: undefined });

  await commitFiles(world.repository, bootstrap("second"));
  expect(await needed(), "another bootstrap").toBe(true);
  expect(await runs()).toEqual({ terraform: [], installations: 1, argocd: "v3.2.11" });

  // Another apply may have made another cluster.
  await commitFiles(world.repository, cluster("second"));
  expect(await runs()).toMatchObject({ terraform: ["init", "plan", "show", "apply", "output"], installations: 1 });
  expect(await needed()).toBe(false);
});

test("where Terraform made no cluster of that name, one line says so", async () => {
  await commitFiles(world.repository, bootstrap("third"));
  await expect(applyInfra(world.request({ root: "environment" }))).rejects.toMatchObject({ reason: "no-cluster" });
});
