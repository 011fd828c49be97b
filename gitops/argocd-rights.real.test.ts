import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Application, applicationsPath } from "../actions/lib/argocd/application.ts";
import { run } from "../actions/lib/core/process.ts";
import { refreshApplications, refreshApplicationSets } from "../actions/lib/argocd/refresh.ts";
import { type ClusterBench, eventually, openClusterBench } from "../actions/testing/lifecycle/down/bench.ts";
import { application, group, manifests, patches, rbac, requests } from "./test-verify-attempts.ts";

let bench: ClusterBench;
beforeAll(async () => {
  bench = await openClusterBench();
  await bench.up();
}, 3_600_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Whether the group has every right by now. */
async function isAdministrator(): Promise<boolean> {
  const resourceAttributes = { verb: "*", group: "*", resource: "*" };
  const spec = { user: "member-0", groups: [group], resourceAttributes };
  const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  return (await bench.kubernetes.create<{ status: { allowed: boolean } }>(path, { spec })).status.allowed;
}

const root = () => bench.kubernetes.get<Application>(application);
const bindings = `/apis/${rbac}/v1/clusterrolebindings`;

test("a refresh that the group asks for is answered by Argo CD", async () => {
  const before = (await root())?.status?.reconciledAt ?? "";
  await eventually("Argo CD has looked again", async () => {
    await refreshApplications(bench.verify, ["slipway", "guests"]);
    await sleep(1_500);
    return ((await root())?.status?.reconciledAt ?? "") > before;
  });
  expect(await refreshApplicationSets(bench.verify)).toHaveLength(1);
  await bench.application(({ metadata }) => metadata.annotations?.["argocd.argoproj.io/refresh"] === undefined);
});

test("nobody of the group becomes the cluster's administrator through Argo CD", async () => {
  expect(await isAdministrator()).toBe(false);
  // This Application has no finalizer, label or operation that could be taken away.
  for (const [what, patch] of Object.entries(patches).filter(([each]) => !/^(no|the end of) /.test(each)))
    await expect(bench.verify.patch(application, patch), what).rejects.toMatchObject({ status: 403 });
  for (const [, attempt] of requests) await expect(attempt(bench.verify)).rejects.toThrow();
  await sleep(4_000);
  expect(await isAdministrator()).toBe(false);
  expect(await bench.kubernetes.get(`${bindings}/attacker`)).toBeUndefined();
});

test("Argo CD itself gives no more than it has, to whoever may change its Applications", async () => {
  // As if the guard were not there: an administrator asks in the attacker's place. He asks an Application in the root's
  // place, which does nothing by itself: an operation that meets one of Argo CD's own is lost.
  const name = "in-the-roots-place";
  const spec = { ...(await root())?.spec, syncPolicy: undefined };
  await bench.kubernetes.create(applicationsPath, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name },
    spec,
    operation: { sync: { manifests } },
  });
  const path = `${applicationsPath}/${name}`;
  const message = await eventually("the operation has ended", async () => {
    const state = (await bench.kubernetes.get<Application>(path))?.status?.operationState;
    return state?.phase === "Failed" && state.message;
  });
  await bench.kubernetes.delete(path);
  // What the API server says is lost on the way: https://github.com/kubernetes/kubernetes/issues/140338
  expect(message).toContain("error running kubectl auth reconcile");
  const { code, stderr } = await run(
    "kubectl",
    [
      `--kubeconfig=${bench.kubeconfig}`,
      "--as=system:serviceaccount:argocd:argocd-application-controller",
      "create",
      "--filename=-",
    ],
    { input: manifests[0] ?? "", okCodes: [0, 1] },
  );
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('"attacker" is forbidden') });
  expect(stderr).toContain("permissions not currently held");
  expect(await bench.kubernetes.get(`${bindings}/attacker`)).toBeUndefined();
  expect(await isAdministrator()).toBe(false);
});

test("all of it is taken away again, by whoever tears the environment down", async () => {
  await bench.up();
  const { stages, error } = await bench.down();
  expect(error).toBeUndefined();
  expect(stages).toEqual(["delivery: gone", "apps: gone", "volumes: gone", "argocd: gone"]);
  expect(await bench.kubernetes.list(applicationsPath).catch(() => ({ items: [] }))).toMatchObject({ items: [] });
});
