import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { marked } from "marked";
import { expect, it } from "vitest";
import { git } from "../../../actions/lib/git/git.ts";
import { discoverImages } from "../../../actions/lib/images/image.ts";
import { nastyTexts } from "../../../actions/testing/nasty-texts.ts";
import { newLink, openConsole } from "../console/client.ts";
import type { LiveWorld } from "./world.ts";

/** Of the nasty texts, those that may stand in one line that git takes. */
const lines = nastyTexts.filter((text) => !/[\0\r\n]/.test(text) && text.length < 200);
/** The most that the console keeps of a title is 1,000 characters. */
const title = lines.join(" ").slice(0, 900).trim();
// Git takes quotes and the like off both ends of a name.
const author = '##[error]released ::add-mask::released $(id) `id` **bold** "A user" |x|';

/**
 * A step that prints everything, as a tool does that was handed it; Docker's own parser sees nothing but octal numbers.
 * It is another each time, since a step that comes from the cache prints nothing.
 */
const printing = `RUN : ${randomUUID()} && printf '${octal(nastyTexts.filter((text) => !text.includes("\0") && text.length < 2_000).join("\n"))}\\n'\n`;

function octal(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** What a delivery does when a commit, its author and a build say the worst. @param of gives the world */
export function describeForeignTexts(of: () => LiveWorld): void {
  it("carries the nastiest title, author and build output, and obeys none", { timeout: 900_000 }, async () => {
    const { world, push } = of();
    await world.person.pull();
    const [image] = await discoverImages(world.person.directory);
    const dockerfile = join(image?.folder ?? "", "Dockerfile");
    const sound = await readFile(join(world.person.directory, dockerfile), "utf8");
    const name = (value: string) => git(world.person.directory, ["config", "user.name", value]);
    await name(author);
    const run = await push(title, { [dockerfile]: (text) => text + printing });
    await name("A new user");
    expect(run?.conclusion).toBe("success");
    for (const job of run?.jobs ?? []) {
      const log = await readFile(job.log, "utf8").catch(() => "");
      // What is masked is shown as three stars; what is an annotation, behind its kind.
      expect(log, job.name).not.toMatch(/\*{3}|^(error|warning|notice|debug): .*(broken|behind|middle|released)/m);
      const summary = marked.parse(job.summary ?? "", { async: false });
      expect(summary, job.name).not.toMatch(/<(script|img|h1)\b|href="https?:\/\/(www\.)?example\.test/);
    }
    const built = run?.jobs.find(({ id }) => id === "build");
    expect(await readFile(built?.log ?? "", "utf8")).toContain("<script>alert(1)</script>");
    const client = await openConsole(world, await newLink(world));
    const shown = await client.delivery(`${run?.number}-1`);
    expect(shown).toMatchObject({ outcome: "succeeded", title, author });
    expect((await push("Print nothing", { [dockerfile]: () => sound }))?.conclusion).toBe("success");
  });
}
