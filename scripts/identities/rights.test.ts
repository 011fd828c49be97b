import { expect, test } from "vitest";
import { allows, deriveIdentities, describeRules, nameOf, type RightsManifest } from "./rights.ts";

const role: RightsManifest = {
  kind: "Role",
  metadata: { name: "writer", namespace: "demo" },
  rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create"] }],
};
const subjects = [{ kind: "ServiceAccount", name: "writer", namespace: "demo" }];
const binding: RightsManifest = {
  kind: "RoleBinding",
  metadata: { name: "writer", namespace: "demo" },
  roleRef: { kind: "Role", name: "writer" },
  subjects,
};

test("somebody has the rights of all roles that are bound to them, each where its binding is", () => {
  const wide: RightsManifest[] = [
    {
      kind: "ClusterRole",
      metadata: { name: "look" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get"] }],
    },
    {
      kind: "ClusterRoleBinding",
      metadata: { name: "look" },
      roleRef: { kind: "ClusterRole", name: "look" },
      subjects,
    },
  ];
  const [identity, ...others] = deriveIdentities([role, binding, ...wide]);
  expect(others).toEqual([]);
  expect(identity && nameOf(identity)).toBe("ServiceAccount demo/writer");
  expect(identity?.grants).toEqual([{ namespace: "demo", rules: role.rules }, { rules: wide[0]?.rules }]);
});

test("a role of another namespace, or of Kubernetes itself, is not taken for one of the manifests", () => {
  const elsewhere = { ...role, metadata: { name: "writer", namespace: "other" } };
  expect(() => deriveIdentities([elsewhere, binding])).toThrow("binds Role writer, which is not among the manifests");
  const admin = { ...binding, roleRef: { kind: "ClusterRole", name: "cluster-admin" } };
  expect(() => deriveIdentities([role, admin])).toThrow("binds ClusterRole cluster-admin");
});

test("a policy limits whom its condition names, and nobody else", () => {
  const policy: RightsManifest = {
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "limit", annotations: { "kubernetes.io/description": "changes little" } },
    spec: { matchConditions: [{ expression: "request.userInfo.username == 'system:serviceaccount:demo:writer'" }] },
  };
  expect(deriveIdentities([role, binding, policy])[0]?.limits).toEqual([{ text: "changes little", test: undefined }]);
  const other = { ...binding, subjects: [{ kind: "ServiceAccount", name: "write", namespace: "demo" }] };
  expect(deriveIdentities([role, other, policy])[0]?.limits).toEqual([]);
});

test("rules are read as RBAC reads them", () => {
  const rules = [
    { apiGroups: [""], resources: ["pods", "*/scale"], verbs: ["get"] },
    { apiGroups: ["apps"], resources: ["*"], verbs: ["*"] },
    { apiGroups: [""], resources: ["secrets"], resourceNames: ["one"], verbs: ["get"] },
  ];
  const may = (verb: string, group: string, resource: string) => allows(rules, { verb, group, resource });
  expect([may("get", "", "pods"), may("get", "", "things/scale"), may("patch", "apps", "deployments/status")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([may("get", "", "pods/log"), may("list", "", "pods"), may("get", "batch", "jobs")]).toEqual([
    false,
    false,
    false,
  ]);
  expect(may("get", "", "secrets"), "a right to one object is not a right to all").toBe(false);
  expect(describeRules(rules)).toBe("get: `pods`, `*/scale`, `secrets` (only one); every verb: `*.apps`");
});

test("a policy for the ServiceAccounts of a namespace limits those whose namespace its binding selects", () => {
  const expression = "request.userInfo.username.startsWith('system:serviceaccount:' + request.namespace + ':')";
  const manifests: RightsManifest[] = [
    role,
    binding,
    { kind: "ValidatingAdmissionPolicy", metadata: { name: "own" }, spec: { matchConditions: [{ expression }] } },
    {
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "own" },
      spec: {
        policyName: "own",
        matchResources: { namespaceSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
      },
    },
  ];
  const namespace = (labels: Record<string, string>) => ({ kind: "Namespace", metadata: { name: "demo", labels } });
  expect(deriveIdentities([...manifests, namespace({ app: "" })])[0]?.limits).toEqual([
    { text: "own", test: undefined },
  ]);
  expect(deriveIdentities([...manifests, namespace({ other: "" })])[0]?.limits).toEqual([]);
});
