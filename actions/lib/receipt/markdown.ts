import { describePrices } from "../prices/prices.ts";
import type { Receipt, ReceiptItem } from "./receipt.ts";
import { folded, safe, type Markdown, markdownTable, paragraphs, text } from "../core/markdown.ts";

type Of<Class extends ReceiptItem["class"]> = Extract<ReceiptItem, { class: Class }>;

/** The items of one class. */
export function itemsOf<Class extends ReceiptItem["class"]>(receipt: Receipt, wanted: Class): Of<Class>[] {
  return receipt.items.filter((item): item is Of<Class> => item.class === wanted);
}

/** A price a month for a person; `?` where it is not known. */
export const formatUsd = (usd: number | null): string => (usd === null ? "?" : usd.toFixed(2));

/** The receipt's first sentence, without markup. */
export function verdict(receipt: Receipt): string {
  const billable = itemsOf(receipt, "billable").length;
  const unknown = itemsOf(receipt, "unknown").length;
  const what = `of ${receipt.environment} in account ${receipt.account}, ${receipt.region}`;
  if (receipt.clean) return `Nothing that bills is left ${what}.`;
  const things = (count: number) => (count === 1 ? "1 thing" : `${count} things`);
  const left = `${things(billable)} that ${billable === 1 ? "bills is" : "bill are"} left`;
  const unseen = `${things(unknown)} could not be seen`;
  return `${[...(billable > 0 ? [left] : []), ...(unknown > 0 ? [unseen] : [])].join(", and ")} ${what}.`;
}

/** What things cost together, with what the sum leaves out. */
export function sumLine(items: readonly { monthlyUsd: number | null }[], total: number): string {
  const unpriced = items.filter(({ monthlyUsd: usd }) => usd === null).length;
  const more = unpriced > 0 ? `, and ${unpriced} whose price is not known here` : "";
  return `About ${formatUsd(total)} USD a month together${more}.`;
}

/** GitHub takes no step's summary above 1 MiB; something else may be in it, too. */
const mostBytes = 900_000;

function tableOf(header: readonly string[], rows: readonly (readonly string[])[], longest: number): Markdown {
  const shown = rows.slice(0, longest).map((row) => row.map((cell) => text(cell, 300)));
  const hidden = rows.length - shown.length;
  const more = hidden > 0 ? safe`And ${hidden} more, which the JSON has.` : safe``;
  return paragraphs(markdownTable(header, shown), more);
}

const describeFacts = (facts: Of<"billable">["facts"]) =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

/**
 * A receipt for GitHub's job summary: the verdict first, then what is left, with what it costs, then the rest.
 *
 * @param rows how many a table has at most; fewer where the whole would be too long. The JSON has them all.
 */
export function receiptMarkdown(receipt: Receipt, rows = 300): Markdown {
  const whole = paragraphs(...sections(receipt, rows));
  return Buffer.byteLength(whole) > mostBytes ? receiptMarkdown(receipt, Math.floor(rows / 2)) : whole;
}

function sections(receipt: Receipt, longest: number): Markdown[] {
  const table = (header: string[], rows: string[][]) => tableOf(header, rows, longest);
  const [billable, unknown] = [itemsOf(receipt, "billable"), itemsOf(receipt, "unknown")];
  const [free, kept] = [itemsOf(receipt, "free-residual"), itemsOf(receipt, "kept")];
  const dearest = billable.toSorted((a, b) => (b.monthlyUsd ?? Infinity) - (a.monthlyUsd ?? Infinity));
  const looks = receipt.looks === 1 ? "1 look" : `${receipt.looks} looks over ${receipt.seconds} s`;
  const parts = [
    safe`## ${receipt.clean ? safe`✅` : safe`❌`} Receipt: ${text(verdict(receipt))}`,
    safe`${text(receipt.project)}, ${text(receipt.at.slice(0, 19))}Z, ${text(looks)}.`,
  ];
  if (billable.length > 0) {
    const rows = dearest.map((item) => [item.title, item.name, describeFacts(item.facts), formatUsd(item.monthlyUsd)]);
    parts.push(safe`### Left, and billed`, table(["what", "name", "details", "USD/month"], rows));
    parts.push(safe`**${text(sumLine(billable, receipt.monthlyUsd))}** ${text(describePrices(receipt.region))}`);
  }
  if (unknown.length > 0) {
    const rows = unknown.map((item) => [item.title, item.id, item.why]);
    parts.push(
      safe`### Not known`,
      safe`Each of these may be there and may bill.`,
      table(["what", "which", "why"], rows),
    );
  }
  if (free.length > 0) {
    const rows = free.map((item) => [item.title, item.name, item.why ?? `left over; ${describeFacts(item.facts)}`]);
    parts.push(folded(safe`Left, and free: ${free.length}`, table(["what", "name", "why"], rows)));
  }
  if (kept.length > 0) {
    const rows = kept.map((item) => [item.title, item.name, item.why, formatUsd(item.monthlyUsd)]);
    const sum = text(sumLine(kept, receipt.keptMonthlyUsd));
    const content = paragraphs(table(["what", "name", "why", "USD/month"], rows), sum);
    parts.push(folded(safe`Kept on purpose: ${kept.length}`, content));
  }
  return parts;
}
