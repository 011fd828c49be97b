import { expect, test } from "vitest";
import { emailOf, nameSchema, newPasswordSchema } from "./input.ts";

test("addresses that people take for the same are the same, and are shown as typed", () => {
  expect(emailOf("  Ada.Lovelace@Example.COM ")).toEqual({
    shown: "Ada.Lovelace@Example.COM",
    key: "ada.lovelace@example.com",
  });
  for (const same of [
    "ada@bücher.example",
    "ADA@BÜCHER.example",
    "ada@bu\u0308cher.example",
    "ada@xn--bcher-kva.example",
  ])
    expect(emailOf(same)?.key, same).toBe("ada@xn--bcher-kva.example");
  expect(emailOf("ａda@example.com")?.key).toBe("ada@example.com");
  expect(emailOf("ada+x@example.com")?.key).toBe("ada+x@example.com");
});

test("refuses what is not an address", () => {
  const bad = ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "ada@exa mple.com", "ada\0@example.com"];
  for (const text of [...bad, `${"a".repeat(250)}@b.example`, "a\u202eda@example.com", "\ud800@example.com"])
    expect(emailOf(text), text).toBeUndefined();
});

test("a password has ten characters of any kind, 512 bytes at most, and is not one letter over and over", () => {
  const faults = (text: string) => newPasswordSchema.safeParse(text).error?.issues.map(({ message }) => message);
  for (const good of ["correct horse", "ñandú🙂ñandú", "          a b", "x".repeat(509) + "yza".slice(0, 3)])
    expect(faults(good), good).toBeUndefined();
  expect(faults("short")).toEqual(["has fewer than 10 characters"]);
  expect(faults("🙂🙃😀🙂🙃😀🙂🙃😀")).toEqual(["has fewer than 10 characters"]);
  expect(faults(`abc${"x".repeat(510)}`)).toEqual(["has more than 512 bytes"]);
  expect(faults(`abc${"🙂".repeat(128)}`)).toEqual(["has more than 512 bytes"]);
  expect(faults("aaaaaaaaaaab")).toEqual(["has fewer than three different characters"]);
  expect(faults("abcdefghij\ud800")).toEqual(["has half a character"]);
});

test("a name is what can be shown", () => {
  expect(nameSchema.parse("  Ñoño 👩‍💻 ")).toBe("Ñoño 👩‍💻");
  for (const bad of ["", "   ", "a\nb", "x".repeat(81), "\ud800", "a\u202eb"])
    expect(nameSchema.safeParse(bad).success).toBe(false);
});
