import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Application, applicationsPath } from "../actions/lib/argocd/application.ts";
import { run } from "../actions/lib/core/process.ts";
import { refreshApplications, refreshApplicationSets } from "../actions/lib/argocd/refresh.ts";
import { type ClusterFixture, eventually, openClusterFixture } from "../actions/testing/lifecycle/down/fixture.ts";
import { application, group, manifests, patches, rbac, requests } from "./test-verify-attempts.ts";

let fixture: ClusterFixture;
beforeAll(async () => {
  fixture = await openClusterFixture();
  await fixture.up();
}, 3_600_000);
afterAll(() => fixture[Symbol.asyncDispose]());

/** Whether the group has every right by now. */
async function isAdministrator(): Promise<boolean> {
  const resourceAttributes = { verb: "*", group: "*", resource: "*" };
  const spec = { user: "member-0", groups: [group], resourceAttributes };
  const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  return (await fixture.kubernetes.create<{ status: { allowed: boolean } }>(path, { spec })).status.allowed;
}

const root = () => fixture.kubernetes.get<Application>(application);
const bindings = `/apis/${rbac}/v1/clusterrolebindings`;

test("a refresh that the group asks for is answered by Argo CD", async () => {
  const before = (await root())?.status?.reconciledAt ?? "";
  await eventually("Argo CD has looked again", async () => {
    await refreshApplications(fixture.verify, ["slipway", "guests"]);
    await sleep(1_500);
    return ((await root())?.status?.reconciledAt ?? "") > before;
  });
  expect(await refreshApplicationSets(fixture.verify)).toHaveLength(1);
  await fixture.application(({ metadata }) => metadata.annotations?.["argocd.argoproj.io/refresh"] === undefined);
});

test("nobody of the group becomes the cluster's administrator through Argo CD", async () => {
  expect(await isAdministrator()).toBe(false);
  // This Application has no finalizer, label or operation that could be taken away.
  for (const [what, patch] of Object.entries(patches).filter(([each]) => !/^(no|the end of) /.test(each)))
    await expect(fixture.verify.patch(application, patch), what).rejects.toMatchObject({ status: 403 });
  for (const [, attempt] of requests) await expect(attempt(fixture.verify)).rejects.toThrow();
  await sleep(4_000);
  expect(await isAdministrator()).toBe(false);
  expect(await fixture.kubernetes.get(`${bindings}/attacker`)).toBeUndefined();
});

test("Argo CD itself gives no more than it has, to whoever may change its Applications", async () => {
  // As if the guard were not there: an administrator asks in the attacker's place. He asks an Application in the root's
  // place, which does nothing by itself: an operation that meets one of Argo CD's own is lost.
  const name = "in-the-roots-place";
  const spec = { ...(await root())?.spec, syncPolicy: undefined };
  await fixture.kubernetes.create(applicationsPath, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name },
    spec,
    operation: { sync: { manifests } },
  });
  const path = `${applicationsPath}/${name}`;
  const message = await eventually("the operation has ended", async () => {
    const state = (await fixture.kubernetes.get<Application>(path))?.status?.operationState;
    return state?.phase === "Failed" && state.message;
  });
  await fixture.kubernetes.delete(path);
  // What the API server says is lost on the way: https://github.com/kubernetes/kubernetes/issues/140338
  expect(message).toContain("error running kubectl auth reconcile");
  const { code, stderr } = await run(
    "kubectl",
    [
      `--kubeconfig=${fixture.kubeconfig}`,
      "--as=system:serviceaccount:argocd:argocd-application-controller",
      "create",
      "--filename=-",
    ],
    { input: manifests[0] ?? "", okCodes: [0, 1] },
  );
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('"attacker" is forbidden') });
  expect(stderr).toContain("permissions not currently held");
  expect(await fixture.kubernetes.get(`${bindings}/attacker`)).toBeUndefined();
  expect(await isAdministrator()).toBe(false);
});

test("all of it is taken away again, by whoever tears the environment down", async () => {
  await fixture.up();
  const { stages, error } = await fixture.down();
  expect(error).toBeUndefined();
  expect(stages).toEqual(["delivery: gone", "apps: gone", "volumes: gone", "argocd: gone"]);
  expect(await fixture.kubernetes.list(applicationsPath).catch(() => ({ items: [] }))).toMatchObject({ items: [] });
});
