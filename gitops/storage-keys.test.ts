import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

interface StorageClass {
  kind?: string;
  provisioner?: string;
  parameters?: Record<string, string>;
}

const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
const classes = globSync("platform/**/*.yaml", { cwd: import.meta.dirname })
  .flatMap((path) => parseAllDocuments(read(path)).map((document) => document.toJS() as StorageClass))
  .filter(({ kind, provisioner }) => kind === "StorageClass" && provisioner === "ebs.csi.aws.com");

test("volumes and the disks of nodes name the same key: an account's default may be one that nobody here can use", () => {
  expect(classes.length).toBeGreaterThan(0);
  for (const { parameters } of classes)
    expect(parameters).toMatchObject({ encrypted: "true", kmsKeyId: "alias/aws/ebs" });
  expect(read("../terraform/environment/main.tf")).toContain(":alias/aws/ebs");
});
