import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { ensureKustomize, type Render } from "../scripts/rehearsal/tools/kustomize.ts";
import { manifestsOf } from "./released.ts";

const root = join(import.meta.dirname, "..");
const overlays = globSync("gitops/apps/*/overlays/*", { cwd: root }).sort();
const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
const prefix = "service.beta.kubernetes.io/aws-load-balancer";

interface RenderedResource {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec?: { type?: string; ports?: { name?: string; port: number; targetPort: string }[] };
}

let folder: string;
let render: Render;
let template: string;
beforeAll(async () => {
  // Below gitops/: a kustomization names what it is made of by relative paths.
  folder = await mkdtemp(join(root, "gitops", "domain-test-"));
  render = await ensureKustomize(join(folder, "kustomize.log"));
  const set = parse(await readFile(join(root, "gitops/applicationsets/apps.yaml"), "utf8")) as {
    spec: { templatePatch: string };
  };
  template = set.spec.templatePatch;
}, 3_600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The patches of an app's Application in an environment with a domain, as Argo CD makes them of the template. */
function patchesFor(app: string): unknown[] {
  const [, named = "", none = ""] = /\{\{- if .*?\}\}\n(.*?)\{\{- else \}\}\n(.*?)\{\{- end \}\}/s.exec(template) ?? [];
  expect(parse(none)).toEqual({});
  const filled = named
    .replaceAll("{{ index .path.segments 2 }}", app)
    .replaceAll('{{ index $cluster.metadata.annotations "slipway.dev/domain" }}', "dev.example.com")
    .replaceAll('{{ index $cluster.metadata.annotations "slipway.dev/certificate" }}', certificate);
  expect(filled).not.toContain("{{");
  return (parse(filled) as { spec: { source: { kustomize: { patches: unknown[] } } } }).spec.source.kustomize.patches;
}

const resourcesOf = (text: string) => manifestsOf<RenderedResource>(text);

test.each(overlays)(
  "%s has a name and TLS where the environment has a domain, and nothing else is changed",
  async (overlay) => {
    const [, , app = ""] = overlay.split("/");
    const kustomization = { resources: [`../../${overlay}`], patches: patchesFor(app) };
    await writeFile(join(folder, "kustomization.yaml"), JSON.stringify(kustomization));
    const plain = resourcesOf(await render(join(root, overlay)));
    const named = resourcesOf(await render(folder));
    const isPublic = ({ spec }: RenderedResource) => spec?.type === "LoadBalancer";
    expect(named.filter((each) => !isPublic(each))).toEqual(plain.filter((each) => !isPublic(each)));
    const services = named.filter(isPublic);
    expect(services.length).toBe(plain.filter(isPublic).length);
    for (const { metadata, spec } of services) {
      expect(metadata.annotations).toMatchObject({
        "external-dns.alpha.kubernetes.io/hostname": `${app}.dev.example.com`,
        [`${prefix}-ssl-cert`]: certificate,
        [`${prefix}-ssl-ports`]: "443",
      });
      expect(spec?.ports).toEqual([
        { name: "https", port: 443, targetPort: "https" },
        { name: "http", port: 80, targetPort: "redirect" },
      ]);
    }
  },
);
