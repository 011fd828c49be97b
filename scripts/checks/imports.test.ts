import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** Files by their path, with those that each of them imports, types included. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** The first circle that is found: a path from a file back to itself. */
function circleIn(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    way.push(file);
    for (const each of imports.get(file) ?? []) {
      const circle = visit(each);
      if (circle) return circle;
    }
    way.pop();
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return undefined;
}

test("no two files import each other, not even by way of others", () => {
  const root = join(import.meta.dirname, "../..");
  const files = globSync("{actions,apps,gitops,scripts,terraform}/**/*.ts", {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path),
  });
  const imports = new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"));
      const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
      // Angular's sources leave the ending out.
      return [file, own.map((name) => join(dirname(file), name).replace(/(\.ts)?$/, ".ts"))];
    }),
  );
  expect(imports.size).toBeGreaterThan(500);
  expect(circleIn(imports)).toBeUndefined();
});

test("a circle is found by way of others, and a file that two others share is not one", () => {
  const shared: [string, string[]][] = [
    ["a", ["b", "c"]],
    ["b", ["d"]],
    ["c", ["d"]],
  ];
  expect(circleIn(new Map(shared))).toBeUndefined();
  expect(circleIn(new Map([...shared, ["d", ["c"]]]))).toEqual(["d", "c", "d"]);
});
