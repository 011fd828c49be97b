import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { rootCredentials } from "./emulator.ts";
import type { NetworkInterfaces } from "./network-interfaces.ts";
import type { Exchange, EmulatorPatch } from "./patch.ts";

/** The patches of Elastic Load Balancing. @param upstream the emulator's address */
export function loadBalancerPatches(upstream: string, interfaces: NetworkInterfaces): readonly EmulatorPatch[] {
  const clients = new Map<string, ElasticLoadBalancingV2>();
  const emulator = (region: string) => {
    const client =
      clients.get(region) ?? new ElasticLoadBalancingV2({ endpoint: upstream, region, credentials: rootCredentials });
    clients.set(region, client);
    return client;
  };
  return [interfacesOf(interfaces), places(interfaces), deletion(emulator), usedTargetGroups(emulator)];
}

type EmulatorClient = (region: string) => ElasticLoadBalancingV2;

function parameter(body: string, name: string): string {
  return new URLSearchParams(body).get(name) ?? "";
}

/** A load balancer has an interface in each of its subnets, which outlive it by a moment. */
function interfacesOf(interfaces: NetworkInterfaces): EmulatorPatch {
  return {
    name: "elb-interfaces",
    operations: ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DeleteLoadBalancer"],
    async rewrite({ operation: { action, region }, body, answer }) {
      if (answer.status >= 300) return undefined;
      if (action === "DeleteLoadBalancer") {
        interfaces.release(parameter(body, "LoadBalancerArn"));
        return undefined;
      }
      const text = answer.body.toString();
      const arn = /<LoadBalancerArn>([^<]*)</.exec(text)?.[1] ?? "";
      const subnets = [...text.matchAll(/<SubnetId>([^<]*)</g)].map(([, id = ""]) => id);
      const made = { type: parameter(body, "Type"), scheme: parameter(body, "Scheme") };
      await interfaces.create(region, arn, made, subnets);
      return undefined;
    },
  };
}

/** A load balancer is in the VPC and in the zones of its subnets; the emulator gives all of them the same ones. */
function places(interfaces: NetworkInterfaces): EmulatorPatch {
  return {
    name: "elb-places",
    operations: ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DescribeLoadBalancers"],
    async rewrite({ operation: { region }, answer }: Exchange) {
      const text = answer.body.toString();
      if (answer.status >= 300 || !text.includes("<SubnetId>")) return undefined;
      const { Subnets = [] } = await interfaces.emulator(region).describeSubnets({});
      const subnet = (id = "") => Subnets.find(({ SubnetId }) => SubnetId === id);
      const patched = text.split(/(?=<member><LoadBalancerArn>)/).map((one) => {
        const vpc = subnet(/<SubnetId>([^<]*)</.exec(one)?.[1])?.VpcId;
        return one
          .replace(/<VpcId>[^<]*</, (before) => (vpc ? `<VpcId>${vpc}<` : before))
          .replace(/<ZoneName>[^<]*<\/ZoneName><SubnetId>([^<]*)</g, (before, id: string) => {
            const zone = subnet(id)?.AvailabilityZone;
            return zone ? `<ZoneName>${zone}</ZoneName><SubnetId>${id}<` : before;
          });
      });
      return { ...answer, body: patched.join("") };
    },
  };
}

/**
 * A load balancer takes its listeners with it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
 */
function deletion(emulator: EmulatorClient): EmulatorPatch {
  return {
    name: "elb-deletion",
    operations: ["elasticloadbalancing:DeleteLoadBalancer"],
    async rewrite({ operation: { region }, body, answer }) {
      if (answer.status >= 300) return undefined;
      const elb = emulator(region);
      const { Listeners = [] } = await elb.describeListeners({ LoadBalancerArn: parameter(body, "LoadBalancerArn") });
      for (const { ListenerArn } of Listeners) await elb.deleteListener({ ListenerArn });
      return undefined;
    },
  };
}

/**
 * A target group that a listener forwards to stays.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
 */
function usedTargetGroups(emulator: EmulatorClient): EmulatorPatch {
  return {
    name: "elb-used-target-groups",
    operations: ["elasticloadbalancing:DeleteTargetGroup"],
    async refuse({ operation: { region }, body }) {
      const arn = parameter(body, "TargetGroupArn");
      const { Listeners = [] } = await emulator(region).describeListeners({});
      if (!Listeners.some((one) => one.DefaultActions?.some(({ TargetGroupArn }) => TargetGroupArn === arn)))
        return undefined;
      const message = `Target group '${arn}' is currently in use by a listener or a rule`;
      return { code: "ResourceInUse", message, status: 400 };
    },
  };
}
