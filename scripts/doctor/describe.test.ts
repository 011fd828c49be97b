import { expect, test } from "vitest";
import type { Finding, FindingLevel } from "../../actions/lib/doctor/finding.ts";
import { describe } from "./describe.ts";

const finding = (level: FindingLevel, title: string, says: string, next?: string): Finding => ({
  check: title,
  title,
  level,
  says,
  ...(next === undefined ? {} : { next }),
});

test("what has to be done first comes last, where a terminal ends", () => {
  const findings = [
    finding("blocks", "quota of VPCs", "The account may have 5.", "Ask AWS for more."),
    finding("advice", "the budget", "The budget warns nobody.", "Write your address."),
    finding("unprotected", "the environments", "Every branch may use it.", "Allow only main."),
    finding("ok", "git", "git 2.47.3."),
    finding("not-looked-at", "the branch", "There is no token.", "Run gh auth login."),
  ];
  expect(describe(findings)).toBe(
    [
      "ok             git: git 2.47.3.",
      "not looked at  the branch: There is no token.",
      "               → Run gh auth login.",
      "advice         the budget: The budget warns nobody.",
      "               → Write your address.",
      "UNPROTECTED    the environments: Every branch may use it.",
      "               → Allow only main.",
      "BLOCKS         quota of VPCs: The account may have 5.",
      "               → Ask AWS for more.",
      "",
      "✗ 1 finding blocks a delivery; 1 unprotected, 1 advised, 1 ok, 1 not looked at.",
    ].join("\n"),
  );
});

test("what many checks say alike is told once, and an advice is given once", () => {
  const same = ["a", "b", "c", "d"].map((title) => finding("not-looked-at", title, "There is no token.", "Sign in."));
  expect(describe([...same, finding("not-looked-at", "e", "Nobody answers.", "Sign in.")])).toBe(
    [
      "not looked at  There is no token. (4 checks: a, b, c, d)",
      "               → Sign in.",
      "not looked at  e: Nobody answers.",
      "",
      "✓ Nothing that was looked at blocks a delivery; 0 ok, 5 not looked at.",
    ].join("\n"),
  );
});

test("lines are broken at a terminal's width, and commands are not", () => {
  const says = "one two three four five six seven eight nine ten eleven twelve";
  const command = "aws service-quotas request-service-quota-increase --service-code vpc --desired-value 6";
  const lines = describe([finding("blocks", "quota", says, command)], { width: 60 }).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "BLOCKS         quota: one two three four five six seven",
    "               eight nine ten eleven twelve",
    `               → ${command}`,
  ]);
});

test("what others wrote reaches no terminal as a command, and starts no line of its own", () => {
  const text = describe([finding("blocks", "git", "goes to \u001b[2J\nok  all is well", "git\u001b]0;x\u0007\nrm")]);
  for (const control of ["\u001b", "\u0007"]) expect(text).not.toContain(control);
  expect(text.split("\n")).toHaveLength(4);
});
