import { Command } from "commander";
import { expect, it } from "vitest";
import { chosenKubeContext } from "./options.ts";
import { register } from "../../commands/rehearse.ts";

it("names no context where none is named, and takes what is said of one for a mistake then", async () => {
  expect(await chosenKubeContext({})).toBeUndefined();
  await expect(chosenKubeContext({ address: "192.0.2.1" })).rejects.toThrow("--address says something about a context");
  await expect(chosenKubeContext({ yes: true })).rejects.toThrow("--yes says something about a context");
});

it("needs no cluster for a rehearsal that ends before there is one", async () => {
  const program = new Command();
  register(program);
  const words = ["rehearse", "--until", "build", "--context", "mine"];
  await expect(program.parseAsync(words, { from: "user" })).rejects.toMatchObject({
    message: "A rehearsal until build does not use the cluster of a context.",
    next: "Leave --context out, or stop at infra, release, live.",
  });
});
