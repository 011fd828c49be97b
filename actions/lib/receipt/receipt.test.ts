import { describe, expect, it } from "vitest";
import type { Inventory } from "../inventory/inventory.ts";
import { receiptMarkdown, verdict } from "./markdown.ts";
import { type KeepPolicy, receiptOf } from "./receipt.ts";
import type { Resource } from "../resources/resource.ts";
import type { Scope } from "../resources/scope.ts";

const scope: Scope = {
  project: "demo",
  environment: "dev",
  account: "000000000000",
  region: "us-east-1",
  clusterName: "demo-dev",
  bucket: "demo-state",
  vpcs: [],
  credentials: () => Promise.reject(new Error("nobody is asked")),
};
const at = new Date("2026-11-24T10:00:00Z");

function resource(kind: Resource["kind"], more: Partial<Resource> = {}): Resource {
  const id = `arn:aws:x:us-east-1:000000000000:${kind}/1`;
  return { kind, id, name: `${kind}-1`, owner: "environment", by: "tag", billables: [], facts: {}, ...more };
}

const disk = resource("volume", {
  billables: [{ kind: "volume", type: "gp3", quantity: 100 }],
  facts: { state: "available", size: "100 GB" },
});
const key = resource("key", { residual: "AWS deletes it on 2026-12-01." });
const images = resource("repository", { owner: "project", billables: [{ kind: "images", quantity: 10 }] });
const imagesKey = resource("key", { owner: "project", billables: [{ kind: "key", quantity: 1 }] });
const bucket = resource("bucket", { owner: "bootstrap", billables: [{ kind: "objects", quantity: 1 }] });

function receipt(found: Resource[], { unknown = [], keep = {}, others = [], region = scope.region }: Options = {}) {
  const inventory: Inventory = { resources: found, unknown, vpcs: [] };
  return receiptOf({ ...scope, region }, inventory, { names: others }, keep, { looks: 1, seconds: 2, at });
}
interface Options {
  unknown?: Inventory["unknown"];
  keep?: KeepPolicy;
  others?: string[];
  region?: string;
}
const classes = (items: { class: string }[]) => items.map((item) => item.class);

describe("a receipt", () => {
  it("is green for what is free, goes by itself or is kept, and red for what bills", () => {
    const clean = receipt([key, bucket, resource("vpc")]);
    expect(classes(clean.items)).toEqual(["free-residual", "kept", "free-residual"]);
    expect(clean).toMatchObject({ clean: true, monthlyUsd: 0, keptMonthlyUsd: expect.closeTo(0.023) });
    const red = receipt([key, disk]);
    expect(classes(red.items)).toEqual(["free-residual", "billable"]);
    expect(red).toMatchObject({ clean: false, monthlyUsd: expect.closeTo(8) });
  });

  it("is red for what nobody could see, and for others that nobody could count", () => {
    const why = "Looking for every EBS volume failed.";
    const blind = receipt([], { unknown: [{ id: "volume", title: "EBS volume", why }] });
    expect(blind).toMatchObject({ clean: false, items: [{ class: "unknown", why }] });
    const unknown = { id: "other-environments", title: "other environments", why };
    const unsure = receiptOf(
      scope,
      { resources: [images], unknown: [], vpcs: [] },
      { unknown },
      {},
      { looks: 1, seconds: 1, at },
    );
    expect(classes(unsure.items)).toEqual(["billable", "unknown"]);
  });

  it("keeps images with their key for a policy and for other environments, and nothing of this one for those", () => {
    expect(classes(receipt([images, imagesKey, disk]).items)).toEqual(["billable", "billable", "billable"]);
    const others = receipt([images, imagesKey, disk], { others: ["prod"] });
    expect(classes(others.items)).toEqual(["kept", "kept", "billable"]);
    const policy = receipt([images, imagesKey, disk], { keep: { repository: "Asked for." } });
    expect(policy.items).toMatchObject([{ why: "Asked for." }, { why: "Asked for." }, { class: "billable" }]);
    expect(policy.keptMonthlyUsd).toBeCloseTo(2);
  });

  it("keeps what a teardown was asked to keep, whoever looks later", () => {
    const left = receipt([{ ...disk, facts: { ...disk.facts, kept: "2026-03-01T10:00:00.000Z" } }]);
    expect(left).toMatchObject({ clean: true, keptMonthlyUsd: 8 });
    expect(left.items).toMatchObject([{ class: "kept", why: "A teardown was asked to keep it (2026-03-01)." }]);
  });

  it("stays red for what bills where no price is known", () => {
    const abroad = receipt([disk], { region: "ap-south-2" });
    expect(abroad).toMatchObject({ clean: false, monthlyUsd: 0, items: [{ class: "billable", monthlyUsd: null }] });
    expect(receiptMarkdown(abroad)).toContain("and 1 whose price is not known here");
    expect(receiptMarkdown(abroad)).toContain("No prices of ap-south-2 are known here");
  });

  it("has the prices of its own region", () => {
    const frankfurt = receipt([disk], { region: "eu-central-1" });
    expect(frankfurt).toMatchObject({ clean: false, monthlyUsd: expect.closeTo(9.52) });
    expect(receiptMarkdown(frankfurt)).toContain("Prices on demand in eu-central-1 as of 2025-11");
  });
});

describe("the receipt's Markdown", () => {
  it("begins with the verdict, and tells what is left, what is not known, what is free and what is kept", () => {
    const why = "Looking for every IAM role failed (AccessDenied): no. The role lacks this permission.";
    const text = receiptMarkdown(receipt([disk, key, bucket], { unknown: [{ id: "role", title: "IAM role", why }] }));
    const lines = text.split("\n").filter(Boolean);
    expect(lines[0]).toBe(
      "## ❌ Receipt: 1 thing that bills is left, and 1 thing could not be seen of dev in account 000000000000, us-east-1.",
    );
    expect(lines).toContain("| EBS volume | volume-1 | state available, size 100 GB | 8.00 |");
    expect(text).toContain("**About 8.00 USD a month together.**");
    expect(lines).toContain(`| IAM role | role | ${why.replace(/[()]/g, "\\$&")} |`);
    expect(text).toContain("<summary>Left, and free: 1</summary>");
    expect(text).toContain("AWS deletes it on 2026-12-01.");
    expect(text).toContain("<summary>Kept on purpose: 1</summary>");
  });

  it("says of nothing that nothing is left", () => {
    const nothing = receipt([]);
    expect(verdict(nothing)).toBe("Nothing that bills is left of dev in account 000000000000, us-east-1.");
    expect(receiptMarkdown(nothing)).toMatch(/^## ✅ Receipt: Nothing that bills is left of dev/);
  });

  it("obeys nothing that a name or a tag says", () => {
    const name = "a|b\n<img src=x> [x](http://x) @everyone `c` \u202e";
    const row = receiptMarkdown(receipt([{ ...disk, name }]))
      .split("\n")
      .find((line) => line.startsWith("| EBS volume"));
    expect(row).toBe(
      "| EBS volume | a\\|b<br>&#60;img src=x&#62; \\[x\\]\\(http:&#8203;//x\\) @&#8203;everyone \\`c\\` \\\\u202e | state available, size 100 GB | 8.00 |",
    );
  });

  it("stays below what GitHub takes, and says how many it leaves out", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      ...disk,
      id: `${disk.id}${String(index)}`,
      name: "<".repeat(400),
      facts: { state: "&".repeat(400) },
    }));
    const text = receiptMarkdown(receipt(many));
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
    expect(text).toMatch(/And \d+ more, which the JSON has\./);
  });
});
