/** The parts of an OpenAPI document that the page shows. */
interface Document {
  info: { title: string; version: string; description?: string };
  paths?: Record<string, unknown>;
}

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: unknown }[];
  requestBody?: { content?: Record<string, { schema?: unknown }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>;
}

const methods = ["get", "post", "put", "patch", "delete"];

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; text-transform: capitalize; }
summary { cursor: pointer; padding: .4rem 0; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid color-mix(in srgb, currentcolor 25%, transparent); }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; text-transform: uppercase; }
`;

/**
 * One page that shows an OpenAPI document to a person: plain HTML, no script, nothing loaded. It weighs two kilobytes
 * where a bundled viewer weighs ten megabytes; the document itself at `/openapi.json` opens in any viewer.
 */
export function docsPage(document: Document): string {
  const groups = new Map<string, string[]>();
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of methods) {
      const operation = (item as Record<string, Operation | undefined>)[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? "api";
      groups.set(tag, [...(groups.get(tag) ?? []), section(method, path, operation)]);
    }
  const body = [...groups].map(([tag, sections]) => `<h2>${escapeHtml(tag)}</h2>\n${sections.join("\n")}`).join("\n");
  const { title, version, description = "" } = document.info;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1><p>${escapeHtml(description)}</p>
<p>For machines: <a href="openapi.json">openapi.json</a></p>
${body}
</body></html>
`;
}

function section(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<li><code>${escapeHtml(parameter.name)}</code> in ${escapeHtml(parameter.in)}${parameter.required ? "" : ", optional"}` +
      `${schemaBlock(parameter.schema)}</li>`,
  );
  const request = Object.values(operation.requestBody?.content ?? {}).map((media) => schemaBlock(media.schema));
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, answer]) =>
      `<h4>${escapeHtml(status)} ${escapeHtml(answer.description ?? "")}</h4>` +
      Object.entries(answer.content ?? {})
        .map(([type, media]) => `<p>${escapeHtml(type)}</p>${schemaBlock(media.schema)}`)
        .join(""),
  );
  return `<details><summary><span class="method">${method}</span> <code>${escapeHtml(path)}</code> ${escapeHtml(operation.summary ?? "")}</summary>
${operation.description ? `<p>${escapeHtml(operation.description)}</p>` : ""}
${parameters.length > 0 ? `<h4>Parameters</h4><ul>${parameters.join("")}</ul>` : ""}
${request.length > 0 ? `<h4>Body</h4>${request.join("")}` : ""}
${responses.join("\n")}</details>`;
}

function schemaBlock(schema: unknown): string {
  return schema === undefined ? "" : `<pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
