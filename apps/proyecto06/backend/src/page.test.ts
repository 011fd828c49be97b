import { expect, test } from "vitest";
import { Conditions, cursorOf, positionOf } from "./page.ts";

test("a cursor is read back; an invalid one is refused", () => {
  const position = { at: "2026-01-01T00:00:00.123Z", run: "18446744073", attempt: 2 };
  expect(positionOf(cursorOf(position))).toEqual(position);
  const wrong = [
    "",
    "x",
    Buffer.from("[]").toString("base64url"),
    cursorOf({ ...position, run: "1; DROP TABLE runs" }),
  ];
  for (const cursor of wrong)
    expect(() => positionOf(cursor), cursor).toThrow("The cursor is invalid: use one that a page gave.");
});

test("conditions are those that were asked for, their values are parameters", () => {
  const conditions = new Conditions();
  conditions.add("author = ?", "o'hara");
  conditions.add("kind = ?", undefined);
  conditions.after("at", { at: "2026-01-01T00:00:00.000Z", run: "7", attempt: 1 });
  expect(conditions.where).toBe("WHERE author = $1 AND (at, run, attempt) < ($2, $3, $4)");
  expect(conditions.values).toEqual(["o'hara", "2026-01-01T00:00:00.000Z", "7", 1]);
  expect(new Conditions().where).toBe("");
});
