import { expect, it } from "vitest";
import { printable } from "./printable.ts";

it.each([
  ["\x1b[31mred\x1b[0m", String.raw`\x1b[31mred\x1b[0m`],
  ["over\rwritten\b\0\x7f\x9b2J", String.raw`over\x0dwritten\x08\x00\x7f\x9b2J`],
  ["user\u202egnp.exe", String.raw`user\u202egnp.exe`],
  ["plain\ttext, ñ 漢字 👨‍👩‍👧\nand more", "plain\ttext, ñ 漢字 👨‍👩‍👧\nand more"],
])("shows %j without obeying it", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
