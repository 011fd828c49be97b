import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { type Application, applicationsPath } from "../../actions/lib/argocd/application.ts";
import { publicUrls } from "../../actions/lib/argocd/urls.ts";
import { roleArn } from "../../actions/lib/aws/credentials.ts";
import { readConfig } from "../../actions/lib/config/config.ts";
import type { Kubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { findLinkMakers } from "../environment/link.ts";
import type { KubeContextOptions } from "./context/context.ts";
import { createInspector } from "./cluster/inspector.ts";
import { openArgoCd } from "./live/argocd-api.ts";
import { clusterOf } from "./live/checks.ts";
import { rehearse } from "./rehearsal.ts";
import { recordWorld, untilEnded } from "./up.ts";
import { worldEnvironment } from "./world/environment.ts";
import type { World } from "./world/parts.ts";

/**
 * Rehearses a delivery and keeps its world up until this process is told to end.
 *
 * @param context a cluster of the person's to rehearse in
 * @returns whether the delivery came up
 */
export async function keepWorldUp(repository: string, context?: KubeContextOptions): Promise<boolean> {
  const { failed } = await rehearse({
    source: repository,
    until: "live",
    keep: false,
    context,
    async stay(world, signal) {
      await using _ = await recordWorld({
        directory: world.person.directory,
        // A cluster of one's own may have a load balancer to take away first.
        ending: world.context ? 900_000 : 120_000,
        environment: await environmentOf(world),
        addresses: await addressesOf(world),
      });
      await world.person.catchUp();
      world.afterPush.current = ({ say }) => bringUpToDate(world, say);
      await untilEnded(signal);
    },
  });
  return failed === 0;
}

/**
 * The environment of tools that speak to the world. AWS takes them for the apply role, who may look into the cluster:
 * the account's owner, as in a real account, is nobody there.
 */
async function environmentOf({ folder, proxy, emulator, region, account, person }: World): Promise<NodeJS.ProcessEnv> {
  const { project, deliver } = await readConfig(join(person.directory, "slipway.yaml"));
  const sts = new STSClient({ endpoint: proxy.endpoint, region, credentials: emulator.credentials });
  const RoleArn = roleArn(account, `${project}-apply-${deliver}`);
  const { Credentials: found } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "person" }));
  sts.destroy();
  return worldEnvironment(folder, {
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: found?.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: found?.SecretAccessKey,
    AWS_SESSION_TOKEN: found?.SessionToken,
    // `./slipway link` starts kubectl, which the machine itself may not have.
    PATH: [join(folder, "bin"), process.env.PATH ?? ""].join(delimiter),
  });
}

/** After this many milliseconds the `git push` that printed a delivery has ended. */
const pushEnds = 3_000;

/** A delivery puts its release commit on the branch: without that in the clone, git would refuse the next push. */
async function bringUpToDate({ person }: World, say: (line: string) => void): Promise<void> {
  say(await person.catchUp());
  // A push ends by noting what it pushed as the newest of origin's branch; the next fetch puts that right.
  setTimeout(() => void person.catchUp().catch(() => {}), pushEnds).unref();
}

/** Where each app answers, by its name, and how to sign in where that needs a link. */
export async function appAddresses(kubernetes: Kubernetes): Promise<Record<string, string>> {
  const { items } = await kubernetes.list<Application>(applicationsPath);
  const makers = await findLinkMakers(kubernetes);
  const addresses: Record<string, string> = {};
  for (const { metadata, spec } of items.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))) {
    const { name } = metadata;
    const urls = await publicUrls(kubernetes, spec.destination.namespace ?? name);
    if (urls.length > 0) addresses[name] = urls.join(", ");
    if (makers.some(({ app }) => app === name)) addresses[`sign in to ${name}`] = `./slipway link ${name}`;
  }
  return addresses;
}

/** What can be opened or used, by its name. */
async function addressesOf(world: World): Promise<Record<string, string>> {
  const cluster = await clusterOf(world);
  const inspector = createInspector(cluster);
  const argocd = await openArgoCd(cluster, inspector.kubernetes);
  const kubeconfig = join(world.folder, "kubeconfig");
  await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  await world.person.keepToken();
  return {
    ...(await appAddresses(inspector.kubernetes)),
    "Argo CD's API": argocd.url,
    AWS: world.proxy.endpoint,
    "your clone": world.person.directory,
    kubeconfig,
  };
}
