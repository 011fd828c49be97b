import { expect, test } from "vitest";
import { refuseEnvironment } from "./environment.ts";

test.each(["TF_VAR_images", "TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_WORKSPACE", "TF_REATTACH_PROVIDERS"])(
  "%s would change a plan unseen",
  (name) => {
    expect(() => refuseEnvironment({ [name]: "x" })).toThrow(`Terraform would read ${name} from the environment.`);
    expect(() => refuseEnvironment({ [name]: "" })).not.toThrow();
  },
);

test("what changes nothing of a plan stays", () => {
  const env = { TF_CLI_CONFIG_FILE: "x", TF_PLUGIN_CACHE_DIR: "x", TF_LOG: "debug", MY_TF_VAR_x: "x" };
  expect(() => refuseEnvironment(env)).not.toThrow();
});
