import { expect, it } from "vitest";
import { dispatchPayload } from "./dispatch.ts";

const workflow = `
on:
  push:
  workflow_dispatch:
    inputs:
      environment: { type: string, required: true }
      dry-run: { type: boolean, default: false }
      volumes: { type: choice, options: [as declared, keep], default: as declared }
`;
const at = { repository: "owner/name", ref: "refs/heads/main" };
const payload = (inputs: Record<string, string>) => dispatchPayload("destroy.yml", workflow, inputs, at);

it("fills defaults in, as texts", () => {
  expect(payload({ environment: "dev" })).toMatchObject({
    inputs: { environment: "dev", "dry-run": "false", volumes: "as declared" },
    ref: "refs/heads/main",
    repository: { full_name: "owner/name" },
  });
});

it.each([
  [{}, 'destroy.yml must be given the input "environment".'],
  [{ environment: "dev", force: "x" }, 'destroy.yml has no input "force".'],
  [{ environment: "dev", volumes: "all" }, 'The input "volumes" of destroy.yml is "all". Allowed: as declared, keep.'],
])("refuses %j, as GitHub does", (inputs, message) => {
  expect(() => payload(inputs)).toThrow(message);
});

it("refuses a workflow that no hand starts", () => {
  expect(() => dispatchPayload("ci.yml", "on: { push: }", {}, at)).toThrow("ci.yml cannot be started by hand.");
});
