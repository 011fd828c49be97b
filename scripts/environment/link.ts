import { type Application, applicationsPath } from "../../actions/lib/argocd/application.ts";
import { publicUrls } from "../../actions/lib/argocd/urls.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { Kubectl } from "../../actions/lib/kubernetes/kubectl.ts";
import type { Kubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../actions/lib/kubernetes/objects.ts";

/**
 * An app that can make a link by which one person signs in says so on the Deployment whose containers make it: a
 * command, its words separated by spaces, that prints a path of the app or a whole address.
 */
export const linkAnnotation = "slipway.dev/link-command";

/** What makes an app's links. */
export interface LinkMaker {
  app: string;
  namespace: string;
  deployment: string;
  command: string[];
}

/** The apps of a cluster that make links, by name. */
export async function findLinkMakers(kubernetes: Kubernetes): Promise<LinkMaker[]> {
  const [{ items: applications }, { items: deployments }] = await Promise.all([
    kubernetes.list<Application>(applicationsPath),
    kubernetes.list("/apis/apps/v1/deployments"),
  ]);
  return deployments
    .flatMap(({ metadata }: KubernetesObject): LinkMaker[] => {
      const command = (metadata.annotations?.[linkAnnotation] ?? "").split(/\s+/).filter(Boolean);
      const { namespace = "", name } = metadata;
      if (command.length === 0) return [];
      const owner = applications.find(({ spec }) => spec.destination.namespace === namespace);
      return [{ app: owner?.metadata.name ?? namespace, namespace, deployment: name, command }];
    })
    .sort((a, b) => a.app.localeCompare(b.app));
}

/**
 * The one that is meant.
 *
 * @param app none where there is only one
 * @throws SlipwayError naming those that there are
 */
export function chooseLinkMaker(makers: readonly LinkMaker[], app: string | undefined): LinkMaker {
  const fitting = makers.filter((maker) => app === undefined || maker.app === app);
  const [maker] = fitting;
  if (maker && new Set(fitting.map((each) => each.app)).size === 1) return maker;
  const names = [...new Set(makers.map((each) => each.app))].join(", ");
  const problem = maker
    ? "More than one app makes sign-in links."
    : app === undefined
      ? "No app makes sign-in links."
      : `"${app}" is not an app that makes sign-in links.`;
  throw new SlipwayError(problem, {
    next: names
      ? `Name one of: ${names}.`
      : `An app that makes them has the annotation ${linkAnnotation} on a Deployment: see gitops/README.md.`,
  });
}

/**
 * Makes a link, as the person whose credentials kubectl has.
 *
 * @throws SlipwayError when the app has no address, or its command prints no path or address
 */
export async function makeLink(kubernetes: Kubernetes, kubectl: Kubectl, maker: LinkMaker): Promise<string> {
  const { app, namespace, deployment, command } = maker;
  const [address] = await publicUrls(kubernetes, namespace);
  if (address === undefined)
    throw new SlipwayError(`${app} has no public address yet.`, { next: "See ./slipway status." });
  const said = (await kubectl.exec(namespace, `deployment/${deployment}`, command)).trim().split("\n").at(-1) ?? "";
  // The link is a secret until it is used: what is not a link is not repeated either.
  if (!/^(\/(?!\/)|https?:\/\/)\S+$/.test(said))
    throw new SlipwayError(`The command "${command.join(" ")}" of ${app} printed no path or address.`, {
      next: `Correct the annotation ${linkAnnotation} of deployment ${namespace}/${deployment}.`,
    });
  return new URL(said, address).href;
}
