import { expect, it } from "vitest";
import { failureReasons } from "./reasons.ts";

it("an action names what its code may fail for, and nothing that its code does not come to", async () => {
  const [infra, verify, lease] = await Promise.all(["infra", "verify", "lease"].map(failureReasons));
  for (const reason of ["state-locked", "plan-failed", "apply-failed", "deadline", "throttled", "base-changed"])
    expect(infra).toContain(reason);
  for (const reason of ["crash-loop", "volume", "deadline", "cancelled", "no-argocd"]) expect(verify).toContain(reason);
  for (const reason of ["volume", "suspended", "wrong-name", "images-missing"]) expect(infra).not.toContain(reason);
  expect(lease).toEqual(["no-credentials", "no-oidc-token", "not-bootstrapped", "role-refused"]);
});
