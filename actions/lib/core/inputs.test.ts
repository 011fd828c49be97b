import { afterEach, expect, test, vi } from "vitest";
import {
  booleanInput,
  choiceInput,
  commitInput,
  integerInput,
  nameListInput,
  optionalInput,
  periodInput,
  requiredInput,
} from "./inputs.ts";

afterEach(() => vi.unstubAllEnvs());

/** Sets an input as a runner does: see @actions/core's getInput. */
function give(name: string, value: string): void {
  vi.stubEnv(`INPUT_${name.toUpperCase()}`, value);
}

test("an empty input is a missing one", () => {
  give("name", "  ");
  expect(optionalInput("name")).toBeUndefined();
  expect(() => requiredInput("name")).toThrow('Input "name" is missing.');
});

test("a choice outside the list names the list", () => {
  give("root", "everything");
  expect(() => choiceInput("root", ["registry", "environment"], "environment")).toThrow(
    'Input "root" is "everything".',
  );
  give("root", "registry");
  expect(choiceInput("root", ["registry", "environment"], "environment")).toBe("registry");
  expect(choiceInput("other", ["registry", "environment"], "environment")).toBe("environment");
});

test("a switch is true or false and nothing else", () => {
  give("fast", "yes");
  expect(() => booleanInput("fast", false)).toThrow('Input "fast" is "yes".');
  give("fast", "true");
  expect(booleanInput("fast", false)).toBe(true);
});

test.each(["4.5", "x", "0", "61", "1e1", ""])("a number in 1 to 60 is not %j", (value) => {
  give("minutes", value);
  if (value === "") expect(integerInput("minutes", 5, { min: 1, max: 60 })).toBe(5);
  else expect(() => integerInput("minutes", 5, { min: 1, max: 60 })).toThrow('Input "minutes" is');
});

test("a commit is a whole id, and an empty input names no commit", () => {
  give("commit", "main");
  expect(() => commitInput("commit")).toThrow('Input "commit" is "main".');
  give("commit", "c".repeat(40));
  expect(commitInput("commit")).toBe("c".repeat(40));
  expect(commitInput("other")).toBeUndefined();
});

test("a period is a month", () => {
  give("period", "2026-13");
  expect(() => periodInput("period")).toThrow('Input "period" is "2026-13".');
  give("period", "2026-11");
  expect(periodInput("period")).toBe("2026-11");
  expect(periodInput("other")).toBeUndefined();
});

test("a list of names holds each once, however it is separated", () => {
  give("images", "guests-api, guests-nginx\nguests-api");
  expect(nameListInput("images")).toEqual(["guests-api", "guests-nginx"]);
  give("images", " , ");
  expect(() => nameListInput("images")).toThrow('Input "images" is ",".');
});
