import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyRoot } from "./copy.ts";
import { refuseUnseen } from "./unseen.ts";

/** What is refused of a root `registry` with this configuration, by line; the files next to it are committed, too. */
async function problemsOf(main: string, more: Record<string, string> = {}, modes: Record<string, string> = {}) {
  const texts: Record<string, string> = {
    "terraform/registry/main.tf": main,
    "terraform/registry/policies/a.json": "{}",
    "terraform/modules/queue/main.tf": "",
    "terraform/modules/queue/text.tftpl": "text",
    ...more,
  };
  const files = Object.keys(texts).map((path) => ({ mode: modes[path] ?? "100644", id: "0", path }));
  try {
    await refuseUnseen("registry", files, (path) => Promise.resolve(texts[path] ?? ""));
    return [];
  } catch (error) {
    expect(error).toMatchObject({
      reason: "unseen-input",
      next: expect.stringContaining("terraform/registry/") as string,
    });
    return (error as Error).message.trim().split("\n").slice(1);
  }
}

test.each([
  'a = file("policies/a.json")',
  'a = file("./policies/a.json")',
  'a = file("${path.module}/policies/a.json")',
  'a = file("${path.root}/policies/${each.key}.json")',
  'a = templatefile("${path.module}/../modules/queue/text.tftpl", { a = [1, "x"] })',
  'a = fileset(path.module, "policies/*.json")',
  'a = fileset("${path.module}/policies", "**")',
  'a = fileexists("${path.module}/none.json")',
  '# file("../../x")\n// file("../../x")\n/* file(\n"../../x") */',
  'a = "file(\\"../../x\\") \\" ${var.b} $${file("../../x")}"',
  'a = <<-EOT\n  file("../../x") $${file("../../x")}\n  EOT\nb = 1',
  'data "aws_availability_zones" "a" {}\na = data.aws_availability_zones.a.names',
  'module "a" {\n  source = "../modules/queue"\n  x = { source = "../../x" }\n}',
  'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}',
  'resource "aws_s3_object" "a" {\n  source = "policies/a.json"\n}',
  "a = provider::aws::arn_parse(var.a)",
  "a = var.timestamp\ntimestamp = local.file",
])("what is read of the root itself does not matter: %s", async (main) => {
  expect(await problemsOf(main)).toEqual([]);
});

test.each<[string, string]>([
  ['a = file("../../policies/p.json")', 'file("../../policies/p.json") leaves the files of this root.'],
  ['a = file("../environment/main.tf")', "leaves the files of this root"],
  ['a = core::file("../../x")', "leaves the files of this root"],
  ['a = file("${path.module}/../../x")', 'file("${path.module}/../../x") leaves'],
  ['a = jsondecode(templatefile(\n"../../x", {}))', "templatefile"],
  ['a = fileset("../../policies", "*")', 'fileset("../../policies") leaves'],
  ['a = fileset(path.module, "../../policies/*")', 'leaves its folder by "../../policies/*"'],
  ['a = fileset("${path.module}/built", "*")', "finds no committed file"],
  ['a = fileexists("../../x")', "fileexists"],
  ['a = try(filebase64("../../x"), "")', "filebase64"],
  ...["filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256", "filebase64sha512"].map(
    (name): [string, string] => [`a = ${name}("../x")`, name],
  ),
  ['a = file("/etc/hostname")', "leaves the files of this root"],
  ['a = file("~/x")', "leaves the files of this root"],
  ['a = file("${path.module}/tests/none.json")', "finds no committed file"],
  ['a = file("${path.module}/README.md")', "finds no committed file"],
  ["a = file(var.path)", "the path of file() is not written there"],
  ['a = file("${var.path}/x")', "is not written there"],
  ['a = file("${path.module}${var.path}")', "is not written there"],
  ['a = file(join("/", [path.module, "x"]))', "is not written there"],
  ['a = pathexpand("~/x")', "pathexpand() gives another value"],
  ["a = abspath(path.module)", "abspath() gives another value"],
  ["a = path.cwd", "path.cwd"],
  ['a = "${path.cwd}/x"', "path.cwd"],
  ["a = timestamp()", "timestamp()"],
  ["a = plantimestamp()", "plantimestamp()"],
  ["a = uuid()", "uuid()"],
  ["a = templatestring(local.a, {})", "templatestring()"],
  ['a = provider::local::direxists("x")', "provider::local::direxists()"],
  ['a = "x ${file("../../x")} y"', 'file("../../x")'],
  ['a = "100%${file("../../x")}"', 'file("../../x")'],
  ['a = "%{ if fileexists("../../x") }y%{ endif }"', "fileexists"],
  ['a = <<EOT\n${file("../../x")}\nEOT', 'file("../../x")'],
  ['a = "b \\\\"\nc = file("../../x") # "', 'file("../../x")'],
  ['data "external" "a" {}', 'data "external" reads what is in no commit.'],
  ["data local_file a {}", 'data "local_file"'],
  ['data "http" "a" {\n}', 'data "http"'],
  ['data "terraform_remote_state" "a" {\n}', "terraform_remote_state"],
  ['ephemeral "vault_secret" "a" {\n}', 'ephemeral "vault_secret"'],
  ['module "a" {\n  source = "../shared"\n}', 'the source "../shared" of module "a" leaves the files of this root.'],
  ['module "a" {\n  x = {}\n  source = "../../shared"\n}', '"../../shared"'],
  ['module "a" {\n  source = "git::https://example.com/a.git?ref=main"\n}', "is not in this repository"],
  ['module "a" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "~> 5.0"\n}', "is not in this repository"],
  ['module "a" {\n  source = var.a\n}', "is not in this repository"],
  ['module "a" {\n}', "is not in this repository"],
])("what is read from elsewhere is refused with file and line: %s", async (text, expected) => {
  const lines = await problemsOf(`# one\n\n${text}`);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^terraform\/registry\/main\.tf:[345]: /);
  expect(lines[0]).toContain(expected);
});

test("a module's own paths are its own, and what is relative is the root's", async () => {
  const module = (text: string) => problemsOf("", { "terraform/modules/queue/main.tf": text });
  expect(await module('a = file("${path.module}/text.tftpl")')).toEqual([]);
  expect(await module('a = file("policies/a.json")')).toEqual([]);
  expect((await module('a = file("text.tftpl")')).join()).toMatch(
    /^terraform\/modules\/queue\/main\.tf:1: .*no committed file/,
  );
  expect((await module('a = file("${path.module}/../../environment/x")')).join()).toContain("leaves");
});

test("a template is looked through, a script that is not one is left alone", async () => {
  const main = 'a = templatefile("${path.module}/${each.key}.tftpl", {})\nb = file("${path.module}/run.sh")';
  const text = 'one\n${file("../../x")} %{ for a in b }%{ endfor }';
  expect(await problemsOf(main, { "terraform/registry/run.sh": text, "terraform/registry/b.tftpl": "${a}" })).toEqual(
    [],
  );
  expect(await problemsOf(main, { "terraform/registry/run.sh": "", "terraform/registry/b.tftpl": text })).toEqual([
    'terraform/registry/b.tftpl:2: file("../../x") leaves the files of this root.',
  ]);
});

test("links, submodules, JSON and pointers are refused, and everything is named at once", async () => {
  const more = {
    "terraform/registry/link.tf": "../../x",
    "terraform/modules/sub": "",
    "terraform/registry/b.tf.json": "{}",
    "terraform/registry/c.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
  };
  const modes = { "terraform/registry/link.tf": "120000", "terraform/modules/sub": "160000" };
  expect(await problemsOf("a = uuid()", more, modes)).toEqual([
    "terraform/registry/main.tf:1: uuid() gives another value elsewhere or later, which nothing records.",
    "terraform/registry/link.tf: it is a link. Make it a file.",
    "terraform/modules/sub: it is a submodule, whose files are not in this repository. Commit the files themselves.",
    "terraform/registry/b.tf.json:1: JSON is not looked through. Write it as a .tf file.",
    "terraform/registry/c.bin:1: it is a pointer of Git LFS, not the file. Install git-lfs here, or commit the file itself.",
  ]);
});

test.each(["registry", "environment"] as const)(
  "this project's own root %s reads nothing from elsewhere",
  async (root) => {
    const repository = join(import.meta.dirname, "../../../..");
    await using copy = await copyRoot(repository, "HEAD", root);
    expect(await readFile(join(copy.folder, "main.tf"), "utf8")).toContain("../modules/");
  },
);
