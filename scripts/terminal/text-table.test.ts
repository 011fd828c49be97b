import { expect, it } from "vitest";
import { cutText, padText, textTable, textWidth } from "./text-table.ts";

it.each([
  ["guests", 6],
  ["東京", 4],
  ["e\u0301clair", 6],
  ["✓ ok", 4],
  ["🚀", 2],
  ["👩‍💻", 2],
  ["한국", 4],
  ["", 0],
])("takes %s for the columns of a terminal", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

it("lines up cells of any width", () => {
  const table = textTable(
    ["Name", "Time"],
    [
      ["東京", "1"],
      ["e\u0301clair-long", "2"],
      ["🚀", "3"],
    ],
  );
  const ends = table.split("\n").map((line) => textWidth(line.replace(/\S+$/, "")));
  expect(new Set(ends)).toEqual(new Set([13]));
});

it("ends numbers below each other", () => {
  expect(
    textTable(
      ["Stage", "Time"],
      [
        ["a", "9.0 s"],
        ["long", "1 min 9 s"],
      ],
      [1],
    ),
  ).toBe("Stage       Time\na          9.0 s\nlong   1 min 9 s");
});

it("cuts and fills by columns", () => {
  expect(cutText("東京都庁", 5)).toBe("東京…");
  expect(cutText("short", 5)).toBe("short");
  expect(padText("京", 4, "start")).toBe("  京");
});
