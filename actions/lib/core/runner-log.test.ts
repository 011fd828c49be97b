import { describe, expect, it, vi } from "vitest";
import { nastyTexts } from "../../testing/nasty-texts.ts";
import { printableInRunner } from "./printable.ts";
import { group, info, setSecret, warning } from "./runner-log.ts";

/**
 * The lines of a text that the runner takes for commands. It splits at any line's end and trims white space as .NET
 * does: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
const commandsIn = (log: string) =>
  log.split(/\r\n|\r|\n/).filter((line) => /^[\s\u0085\ufeff]*::/.test(line) || line.includes("##["));

async function printed(print: () => unknown): Promise<string> {
  const parts: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((part) => parts.push(String(part)) > 0);
  try {
    await print();
  } finally {
    write.mockRestore();
  }
  return parts.join("");
}

describe.each(nastyTexts)("%j", (nasty) => {
  it("is not a command to the runner, and loses no more than a space's width", async () => {
    expect(commandsIn(await printed(() => info(nasty)))).toEqual([]);
    expect(printableInRunner(nasty).replaceAll(": :", "::").replaceAll("## [", "##[").length).toBeGreaterThanOrEqual(
      nasty.length,
    );
  });

  it("stays the message of one annotation, and the name of one group", async () => {
    expect(commandsIn(await printed(() => warning(nasty)))).toHaveLength(1);
    const folded = commandsIn(await printed(() => group(nasty, async () => {})));
    expect(folded.map((line) => line.split("::")[1])).toEqual(["group", "endgroup"]);
  });

  it("is masked in each form in which it may be printed", async () => {
    const masked = commandsIn(await printed(() => setSecret(nasty))).map((line) =>
      decodeURIComponent(line.replace(/^::add-mask::/, "").replace(/%(?!25|0D|0A)/g, "%25")),
    );
    expect(masked).toContain(nasty);
    expect(masked).toContain(printableInRunner(nasty));
  });
});
