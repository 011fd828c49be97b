import { join } from "node:path";
import { expect, it } from "vitest";
import { rehearse } from "../rehearsal.ts";

const source = join(import.meta.dirname, "../../..");
const domain = "dev.example.test";

it("gives the apps of an environment names with TLS, and takes both away", { timeout: 40 * 60_000 }, async () => {
  const record = await rehearse({ source, until: "gone", keep: false, domain });
  expect(record.checks.filter(({ ok }) => !ok)).toEqual([]);
  const names = record.checks.map(({ name }) => name);
  for (const app of ["proyecto06", "visits"])
    expect(names).toEqual(
      expect.arrayContaining([
        `https://${app}.${domain} answers with a chain that validates`,
        `http://${app}.${domain} leads there`,
      ]),
    );
  expect(names).toContain("AWS, asked directly, lists nothing that was not there before the first push");
});
