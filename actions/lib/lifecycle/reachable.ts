import type { LoadBalancer } from "@aws-sdk/client-elastic-load-balancing-v2";
import { publicUrl, type PublicService } from "../argocd/urls.ts";
import { mapConcurrently } from "../core/concurrency.ts";
import { explain, messageOf, SlipwayError } from "../core/errors.ts";
import type { Billable } from "../prices/prices.ts";
import { environmentTags, findVpcs } from "../resources/vpcs.ts";
import { type StageObservation, observed, type StagePart, type LifecycleStage, type Trouble } from "./stage.ts";
import { type Environment } from "./environment.ts";

/** Where people come in. */
export const reachable: LifecycleStage = {
  name: "reachable",
  description: "the load balancers, and what answers at their addresses",
  comes: "with the apps",
  async observe(environment): Promise<StageObservation> {
    const [balancers, services] = await Promise.all([
      listBalancers(environment),
      listServices(environment).catch((error: unknown) => {
        if (!(error instanceof SlipwayError)) throw error;
        return error;
      }),
    ]);
    const ours = balancers.map(balancerPart);
    if (services instanceof SlipwayError) return { state: "unknown", parts: ours, why: explain(services) };
    const answers = await mapConcurrently(services, 8, look);
    return observed(
      [...answers.map(({ part }) => part), ...ours],
      [...answers.map(({ trouble }) => trouble), ...balancers.map(balancerTrouble)],
    );
  },
};

async function listServices(environment: Environment): Promise<PublicService[]> {
  const kubernetes = await environment.cluster();
  const { items = [] } = (await kubernetes?.list<PublicService>("/api/v1/services")) ?? {};
  return items.filter(({ spec }) => spec.type === "LoadBalancer");
}

/** An address is given this time to answer, in milliseconds. */
const patience = 5_000;

async function look(service: PublicService): Promise<{ part: StagePart; trouble: Trouble }> {
  const { namespace = "", name } = service.metadata;
  const url = publicUrl(service);
  if (url === undefined)
    return {
      part: { name: `${namespace}/${name}`, facts: { is: "Service" } },
      trouble: { changing: `${name} has no address yet` },
    };
  const answer = await ask(url);
  const part: StagePart = { name: `${namespace}/${name}`, facts: { is: "Service", url, answers: answer } };
  // Also a refusal is an answer: whether the app is well, the stage before says.
  if (typeof answer === "number") return { part, trouble: {} };
  const unnamed = answer === "ENOTFOUND" && { changing: `DNS does not know ${new URL(url).hostname} yet` };
  return { part, trouble: unnamed || { broken: `${url} does not answer (${answer})` } };
}

/** The status that a URL answers with, or why it does not. HEAD: nobody takes it for a visit. */
async function ask(url: string): Promise<number | string> {
  try {
    const signal = AbortSignal.timeout(patience);
    const response = await fetch(url, { method: "HEAD", redirect: "manual", signal });
    return response.status;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return (cause as NodeJS.ErrnoException | undefined)?.code ?? messageOf(error);
  }
}

/** Every load balancer in the environment's VPC, whoever made it. */
async function listBalancers({ config, credentials, name }: Environment): Promise<LoadBalancer[]> {
  const [{ EC2Client }, elb] = await Promise.all([
    import("@aws-sdk/client-ec2"),
    import("@aws-sdk/client-elastic-load-balancing-v2"),
  ]);
  const { region } = config.aws;
  const ec2 = new EC2Client({ region, credentials, maxAttempts: 5 });
  const client = new elb.ElasticLoadBalancingV2Client({ region, credentials, maxAttempts: 5 });
  try {
    const vpcs = new Set((await findVpcs(ec2, environmentTags(config, name))).map(({ VpcId: id }) => id));
    if (vpcs.size === 0) return [];
    const found: LoadBalancer[] = [];
    for await (const page of elb.paginateDescribeLoadBalancers({ client }, {}))
      found.push(...(page.LoadBalancers ?? []).filter(({ VpcId: id }) => vpcs.has(id)));
    return found;
  } finally {
    ec2.destroy();
    client.destroy();
  }
}

function balancerPart({
  LoadBalancerName: name = "?",
  Type: type,
  State: state,
  DNSName: address,
}: LoadBalancer): StagePart {
  const kind: Billable["kind"] = type === "application" ? "application-load-balancer" : "network-load-balancer";
  return {
    name,
    facts: { is: `${type ?? "network"} load balancer`, state: state?.Code ?? "?", ...(address && { address }) },
    billables: [{ kind, quantity: 1 }],
  };
}

function balancerTrouble({ LoadBalancerName: name, State: state }: LoadBalancer): Trouble {
  if (state?.Code === "failed") return { broken: `${name}: ${state.Reason ?? "failed"}` };
  return state?.Code === "provisioning" ? { changing: `${name} is being made` } : {};
}
