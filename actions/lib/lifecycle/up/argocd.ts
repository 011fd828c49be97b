import { clusterFacts } from "../../argocd/cluster-facts.ts";
import { cancellation } from "../../terraform/run/cancellation.ts";
import { bootstrapTree, writeApplied } from "../../terraform/fingerprint.ts";
import { stateLocation } from "../../terraform/root.ts";
import { openStateStore } from "../../terraform/state/store.ts";
import type { Up } from "./up.ts";

/** Argo CD is up a minute after its images are pulled; an upgrade waits for its old pods. */
const installMinutes = 15;

/** Argo CD in the cluster that Terraform has made, unless it is as HEAD says. */
export const argocdUp: Up = {
  root: "environment",
  by: "actions/infra, by kubectl apply -k gitops/bootstrap",
  async act(state) {
    const { request, began, terraform } = state;
    if (!terraform?.record.outputs.cluster_name) return;
    const { repository, config, root, environment, credentials, report } = request;
    const installed = await bootstrapTree(repository, "HEAD");
    if (terraform.record.installed === installed) {
      report.line("Nothing that Argo CD is installed from has changed.");
      return;
    }
    using stop = cancellation({
      minutes: Math.min(installMinutes, request.minutes - (Date.now() - began) / 60_000),
      log: report.line,
      ...(request.signals ? { signals: request.signals } : {}),
      stopping: "The installation of Argo CD stops here.",
      remains: () => "It is stopping.",
    });
    state.argocd = await state.install(request, stop.signal, clusterFacts(terraform.record.outputs));
    const location = stateLocation(config, root, environment);
    const store = openStateStore({ ...location, credentials });
    await writeApplied(store, location.key, { ...terraform.record, installed });
  },
};
