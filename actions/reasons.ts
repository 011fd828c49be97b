import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import ts from "typescript";

const library = join(import.meta.dirname, "lib");

/**
 * What an action calls and whose failures it never ends with: the doctor gives its findings in words of its own, and a
 * console that is away keeps no delivery.
 */
const contained: Plugin = {
  name: "contained",
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer }) => {
      const inDoctor = importer === join(library, "doctor/delivery.ts") && !path.includes("/core/");
      const toConsole = /\/report\/(console|leave)\.ts$/.test(path) && !importer.includes("/report/");
      return inDoctor || toConsole ? { path, external: true } : undefined;
    });
  },
};

/** Words that mean other things elsewhere. */
const ambiguous = /^([a-z]+|load-balancer)$/;

/** All words of a union of texts in `lib/core/reasons.ts`. */
function wordsOf(union: string): Set<string> {
  const path = join(library, "core/reasons.ts");
  const source = ts.createSourceFile(path, ts.sys.readFile(path) ?? "", ts.ScriptTarget.Latest, true);
  const alias = source.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === union);
  const words = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) words.add(node.text);
    ts.forEachChild(node, visit);
  };
  if (alias) visit(alias);
  return words;
}

/**
 * The reasons for which an action may fail, in the order of the alphabet: those that stand in what its bundle keeps of
 * the code. A word such as `volume` counts only where it is given as a reason: as `reason`, `is` or `stop`, or to a
 * function `stop`.
 *
 * @param action the name of its folder
 */
export async function failureReasons(action: string): Promise<string[]> {
  const bundle = await build({
    entryPoints: [join(import.meta.dirname, action, "main.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    packages: "external",
    plugins: [contained],
    logLevel: "warning",
  });
  const known = wordsOf("FailureReason");
  const found = new Set<string>();
  const visit = (node: ts.Node, inReason: boolean): void => {
    if (ts.isStringLiteral(node) && known.has(node.text) && (inReason || !ambiguous.test(node.text)))
      found.add(node.text);
    // What a condition compares is not a reason.
    if (ts.isConditionalExpression(node)) {
      visit(node.condition, false);
      visit(node.whenTrue, inReason);
      visit(node.whenFalse, inReason);
      return;
    }
    const names =
      ((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) &&
        /^(reason|is|stop)\d*$/.test(node.name.getText())) ||
      (ts.isCallExpression(node) && /^stop\d*$/.test(node.expression.getText()));
    ts.forEachChild(node, (child) => visit(child, names || (inReason && !ts.isPropertyAssignment(node))));
  };
  const text = bundle.outputFiles[0]?.text ?? "";
  visit(ts.createSourceFile("bundle.js", text, ts.ScriptTarget.Latest, true), false);
  return [...found].sort();
}
