import { expect, test } from "vitest";
import { completeParts, type AppPart, selectLines } from "./parts.ts";

test.each<[AppPart[], AppPart[]]>([
  [[], ["service", "page", "database"]],
  [["page"], ["page"]],
  [["service"], ["service"]],
  [["database"], ["service", "database"]],
  [["cache"], ["service", "database", "cache"]],
  [
    ["cache", "page"],
    ["service", "page", "database", "cache"],
  ],
])("%j has %j", (wanted, all) => {
  expect([...completeParts(wanted)]).toEqual(all);
});

const text = `a
# if database
  // if cache
b
  // end
c
# end
<!-- if !page -->
d
<!-- end -->
/* if database page */
e
/* end */
# if only somebody read this
f
`;

test.each<[AppPart[], string]>([
  [["page"], "a"],
  [["service"], "ad"],
  [["service", "database"], "acd"],
  [["service", "database", "cache", "page"], "abce"],
])("of a template, an app with %j has %j", (has, lines) => {
  const own = text.replace("# if only somebody read this\nf\n", "");
  expect(selectLines(own, new Set(has), "template").replaceAll("\n", "")).toBe(lines);
});

test("a template with a wrong block is refused", () => {
  const select = (wrong: string) => () => selectLines(wrong, new Set(), "template.yaml");
  expect(select("# if cache\n")).toThrow("template.yaml has a block without an end.");
  expect(select("# end\n")).toThrow("template.yaml ends a block that does not begin.");
  expect(select(text)).toThrow('template.yaml: "only" is not a part of an app. Parts: service, page, database, cache.');
});
