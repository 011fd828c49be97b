import { join } from "node:path";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { code, type Markdown, markdownTable, safe, text } from "../../actions/lib/core/markdown.ts";
import { type Cost, costOf, hoursPerMonth } from "../../actions/lib/prices/prices.ts";
import { billablesOf, type Demands, demandsIn } from "../../actions/lib/prices/environment.ts";
import { pricedRegions } from "../../actions/lib/prices/table.ts";
import { renderAnywhere } from "../rehearsal/tools/kustomize.ts";

const root = join(import.meta.dirname, "../..");

/** Settings that say nothing but what they have to: the rest is default. */
const plain = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: owner/demo }
environments: { dev: { cluster: { publicAccessCidrs: [192.0.2.0/24] } } }
`);

/** An environment of which slipway.yaml leaves everything to the defaults. */
export const plainEnvironment = plain.environments.dev;

/** What such an environment costs in a region. */
export function plainCost(region: string, demands: Demands): Cost {
  if (!plainEnvironment) throw new Error("The plain settings have no environment.");
  return costOf(billablesOf(plainEnvironment, demands), region);
}

const dollars = (perHour: number) => (perHour * hoursPerMonth).toFixed(0);
const cents = (perHour: number) => (perHour * hoursPerMonth).toFixed(2);

/** What the apps of this repository ask for: looked up once. */
const demandsHere = () => (demands ??= demandsIn(root, renderAnywhere));
let demands: Promise<Demands> | undefined;

/** What terraform/README.md says of the costs to whoever brings an account. */
export async function costsParagraph(): Promise<string> {
  const { perHour } = plainCost("us-east-1", await demandsHere());
  return wrap(
    `The environment costs money from then on: with the defaults and these apps about ${perHour.toFixed(2)} USD an hour in ` +
      `us-east-1, ${dollars(perHour)} a month, and traffic. [What it costs](#what-it-costs) lists the parts, and other ` +
      "regions. The budget in `slipway.yaml` warns, and stops nothing. It warns the address in `email`, and nobody without one.",
  );
}

/** The parts of it, in us-east-1, as terraform/README.md lists them. */
export async function partsTable(): Promise<Markdown> {
  const { lines, perHour } = plainCost("us-east-1", await demandsHere());
  const dearest = lines.toSorted((one, other) => (other.perHour ?? 0) - (one.perHour ?? 0));
  const rows = dearest.map((line) => [text(line.what), safe`${line.quantity}`, text(cents(line.perHour ?? 0))]);
  return markdownTable(["What", "Count", "USD/month"], [...rows, [safe`together`, safe``, text(cents(perHour))]]);
}

/** The same region by region, as terraform/README.md lists it. */
export async function regionsTable(): Promise<Markdown> {
  const asked = await demandsHere();
  const rows = pricedRegions.map((region) => {
    const { perHour, unknown } = plainCost(region, asked);
    const missing = unknown.length > 0 ? text(`without ${unknown.join(" and ")}: no price is known here`) : safe``;
    return [code(region), text(perHour.toFixed(2)), text(dollars(perHour)), missing];
  });
  return markdownTable(["Region", "USD/hour", "USD/month", ""], rows);
}

/** Lines of at most 120 characters. */
function wrap(words: string): string {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > 120) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}
