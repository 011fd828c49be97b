import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { run } from "../../actions/lib/core/process.ts";
import { list, released } from "../../gitops/released.ts";
import { renderAnywhere } from "../rehearsal/tools/kustomize.ts";

const root = join(import.meta.dirname, "../..");

/**
 * Lets checkov look at what the clusters run: each overlay as it is once everything is released, and what Argo CD is told
 * of each environment (platform, projects, ApplicationSets). Argo CD's own manifests are upstream's. What no workload here
 * has is in `gitops/checkov.yaml`, with the reason.
 *
 * @param checkov the program's path
 * @throws SlipwayError with each finding that has neither been fixed nor been given a reason
 */
export async function checkRendered(checkov: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-rendered-"));
  try {
    const rendered = join(folder, "rendered");
    await mkdir(rendered);
    await Promise.all([
      ...(await list("gitops/apps/*/overlays/*/kustomization.yaml")).map(async (path) => {
        const [, , app = "", , environment = ""] = path.split("/");
        return write(rendered, `${app}-${environment}`, await released(app, environment, join(folder, environment)));
      }),
      ...(await list("gitops/bootstrap/*/environment.yaml")).map((path) =>
        write(rendered, `bootstrap-${basename(dirname(path))}`, join(root, dirname(path))),
      ),
    ]);
    await checkFolder(checkov, rendered);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Lets checkov look at the manifests in a folder.
 *
 * @throws SlipwayError as `checkRendered` does
 */
export async function checkFolder(checkov: string, folder: string): Promise<void> {
  const args = ["--config-file", join(root, "gitops/checkov.yaml"), "--directory", folder];
  const { code, stdout, stderr } = await run(checkov, args, { okCodes: [0, 1] });
  if (code === 0) return;
  throw new SlipwayError(`checkov found something:\n${stdout}${stderr}`, {
    next: 'Fix it, or say why not: "checkov.io/skip1: <check>=<reason>" among the annotations of the object.',
  });
}

/** Renders a folder into a file. */
async function write(into: string, name: string, folder: string): Promise<void> {
  await writeFile(join(into, `${name}.yaml`), await renderAnywhere(folder));
}
