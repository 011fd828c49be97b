import { createHash } from "node:crypto";
import type { EC2 } from "@aws-sdk/client-ec2";
import type {
  CreateTargetGroupCommandInput,
  ElasticLoadBalancingV2,
  Listener,
  LoadBalancer,
  Tag,
  TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { SlipwayError } from "../../../../actions/lib/core/errors.ts";
import type { MakeStep } from "./controller.ts";
import type { ForwardedPort } from "./load-balancer-traffic.ts";

/** What a Service asks of its load balancer. */
export interface WantedLoadBalancer {
  /** As `loadBalancerName` gives it. */
  name: string;
  /** The Service, as `namespace/name`. */
  service: string;
  ports: readonly ForwardedPort[];
  /** Which versions and ciphers of TLS its listeners take; AWS's default when left out. */
  sslPolicy?: string | undefined;
  /** The node port that tells whether a node has pods of the Service, where only those nodes get traffic. */
  healthCheckNodePort?: number | undefined;
  /** Whether each zone's address leads to the nodes of every zone. */
  crossZone: boolean;
  /** The tags that the Service asks for. */
  tags: Readonly<Record<string, string>>;
}

/** A load balancer's name: https://github.com/kubernetes/cloud-provider/blob/v0.34.2/cloud.go (DefaultLoadBalancerName) */
export function loadBalancerName(serviceUid: string): string {
  return `a${serviceUid.replaceAll("-", "")}`.slice(0, 32);
}

/** The tag that says which Service a load balancer and its target groups are for. */
const serviceTag = "kubernetes.io/service-name";
/** DescribeTags takes no more resources at once. */
const mostTagged = 20;

/** Network load balancers in AWS, as EKS's cloud controller makes and deletes them for Services. */
export class NetworkLoadBalancers {
  readonly #elb: ElasticLoadBalancingV2;
  readonly #ec2: EC2;
  readonly #cluster: string;
  readonly #vpc: () => Promise<string>;

  /** @param vpc the id of the cluster's VPC */
  constructor(aws: { elb: ElasticLoadBalancingV2; ec2: EC2 }, cluster: string, vpc: () => Promise<string>) {
    this.#elb = aws.elb;
    this.#ec2 = aws.ec2;
    this.#cluster = cluster;
    this.#vpc = vpc;
  }

  /**
   * Makes and changes what is missing or other than wanted, and deletes what is no longer wanted. The nodes are no
   * targets: the emulator makes no instances for node groups, and so there are no rules in their security groups either.
   */
  async ensure(wanted: WantedLoadBalancer, step: MakeStep): Promise<void> {
    const found = await this.#find(wanted.name);
    const balancer = found ?? (await step("CreateLoadBalancer", () => this.#create(wanted)));
    const LoadBalancerArn = balancer.LoadBalancerArn;
    const { Listeners = [] } = await this.#elb.describeListeners({ LoadBalancerArn });
    const groups = await this.#targetGroups(wanted.service);
    const kept = new Set<string | undefined>();
    for (const { port, nodePort, certificate } of wanted.ports) {
      const settings = targetGroupSettings(this.#cluster, wanted, { port, nodePort });
      const group =
        groups.find(({ TargetGroupName }) => TargetGroupName === settings.Name) ??
        (await step("CreateTargetGroup", () => this.#createTargetGroup(wanted, settings)));
      kept.add(group.TargetGroupArn);
      const forward = {
        DefaultActions: [{ Type: "forward" as const, TargetGroupArn: group.TargetGroupArn }],
        ...protocolOf(certificate, wanted.sslPolicy),
      };
      const listener = Listeners.find(({ Port }) => Port === port);
      if (!listener) {
        const made = { LoadBalancerArn, Port: port, Tags: this.#tags(wanted) };
        await step("CreateListener", () => this.#elb.createListener({ ...made, ...forward }));
      } else if (
        targetOf(listener) !== group.TargetGroupArn ||
        listener.Certificates?.[0]?.CertificateArn !== certificate
      ) {
        const { ListenerArn } = listener;
        await step("ModifyListener", () => this.#elb.modifyListener({ ListenerArn, ...forward }));
      }
    }
    for (const { Port, ListenerArn } of Listeners)
      if (!wanted.ports.some(({ port }) => port === Port))
        await step("DeleteListener", () => this.#elb.deleteListener({ ListenerArn }));
    await this.#setAttributes(LoadBalancerArn, wanted, step);
    await this.#deleteTargetGroups(
      groups.filter(({ TargetGroupArn }) => !kept.has(TargetGroupArn)),
      step,
    );
  }

  /** Whether anything of a Service's load balancer is there. */
  async exists(name: string, service: string): Promise<boolean> {
    return (await this.#find(name)) !== undefined || (await this.#targetGroups(service)).length > 0;
  }

  /** Deletes a load balancer; its listeners go with it. AWS takes its network interfaces away later: nothing waits. */
  async deleteLoadBalancer(name: string, step: MakeStep): Promise<void> {
    const balancer = await this.#find(name);
    if (!balancer) return;
    const { LoadBalancerArn } = balancer;
    await step("DeleteLoadBalancer", () => this.#elb.deleteLoadBalancer({ LoadBalancerArn }));
  }

  /**
   * Deletes a Service's target groups, which are in use as long as there is its load balancer. The real controller finds
   * them only through the load balancer, and so leaves them behind when it is stopped in between; this one finds them by
   * their tags.
   */
  async deleteTargetGroups(service: string, step: MakeStep): Promise<void> {
    await this.#deleteTargetGroups(await this.#targetGroups(service), step);
  }

  async #find(name: string): Promise<LoadBalancer | undefined> {
    const { LoadBalancers = [] } = await this.#elb
      .describeLoadBalancers({ Names: [name] })
      .catch(nothingFor("LoadBalancerNotFoundException"));
    return LoadBalancers[0];
  }

  async #create(wanted: WantedLoadBalancer): Promise<LoadBalancer> {
    const { LoadBalancers = [] } = await this.#elb.createLoadBalancer({
      Name: wanted.name,
      Type: "network",
      Subnets: await this.#publicSubnets(),
      Tags: this.#tags(wanted),
    });
    return only(LoadBalancers, `the load balancer ${wanted.name}`);
  }

  async #setAttributes(LoadBalancerArn: string | undefined, wanted: WantedLoadBalancer, step: MakeStep): Promise<void> {
    const Key = "load_balancing.cross_zone.enabled";
    const { Attributes = [] } = await this.#elb.describeLoadBalancerAttributes({ LoadBalancerArn });
    const Value = String(wanted.crossZone);
    // AWS's default for network load balancers, of which the emulator says nothing.
    if ((Attributes.find((attribute) => attribute.Key === Key)?.Value ?? "false") === Value) return;
    const changed = { LoadBalancerArn, Attributes: [{ Key, Value }] };
    await step("ModifyLoadBalancerAttributes", () => this.#elb.modifyLoadBalancerAttributes(changed));
  }

  async #createTargetGroup(
    wanted: WantedLoadBalancer,
    settings: CreateTargetGroupCommandInput & { Name: string },
  ): Promise<TargetGroup> {
    const { TargetGroups = [] } = await this.#elb.createTargetGroup({
      ...settings,
      VpcId: await this.#vpc(),
      Tags: this.#tags(wanted),
    });
    return only(TargetGroups, `the target group ${settings.Name}`);
  }

  /** The subnets for what the internet may reach, one for each zone. */
  async #publicSubnets(): Promise<string[]> {
    const { Subnets = [] } = await this.#ec2.describeSubnets({
      Filters: [
        { Name: "vpc-id", Values: [await this.#vpc()] },
        { Name: "tag-key", Values: ["kubernetes.io/role/elb"] },
      ],
    });
    const sorted = Subnets.toSorted((a, b) => (a.SubnetId ?? "").localeCompare(b.SubnetId ?? ""));
    const zones = new Map(sorted.toReversed().map((subnet) => [subnet.AvailabilityZone, subnet.SubnetId]));
    if (zones.size === 0) throw new SlipwayError("could not find any suitable subnets for creating the ELB");
    return [...zones.values()].flatMap((id) => id ?? []).sort();
  }

  /** All target groups of this cluster that are tagged with a Service. */
  async #targetGroups(service: string): Promise<TargetGroup[]> {
    const { TargetGroups = [] } = await this.#elb
      .describeTargetGroups({})
      .catch(nothingFor("TargetGroupNotFoundException"));
    const owned = new Set<string | undefined>();
    for (let first = 0; first < TargetGroups.length; first += mostTagged) {
      const some = TargetGroups.slice(first, first + mostTagged).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []);
      const { TagDescriptions = [] } = await this.#elb.describeTags({ ResourceArns: some });
      for (const { ResourceArn, Tags = [] } of TagDescriptions) {
        const has = (key: string, value: string) => Tags.some((tag) => tag.Key === key && tag.Value === value);
        if (has(serviceTag, service) && has(clusterTag(this.#cluster), "owned")) owned.add(ResourceArn);
      }
    }
    return TargetGroups.filter(({ TargetGroupArn }) => owned.has(TargetGroupArn));
  }

  async #deleteTargetGroups(groups: readonly TargetGroup[], step: MakeStep): Promise<void> {
    for (const { TargetGroupArn } of groups)
      await step("DeleteTargetGroup", () => this.#elb.deleteTargetGroup({ TargetGroupArn }));
  }

  #tags({ service, tags }: WantedLoadBalancer): Tag[] {
    const all = { ...tags, [serviceTag]: service, [clusterTag(this.#cluster)]: "owned" };
    return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
  }
}

/** The tag of everything that belongs to a cluster; its value is `owned`. */
export function clusterTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/**
 * A target group for one port. Its name holds a hash of what cannot be changed afterwards.
 * https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws_loadbalancer.go (buildTargetGroupName)
 */
export function targetGroupSettings(
  cluster: string,
  { service, healthCheckNodePort }: Pick<WantedLoadBalancer, "service" | "healthCheckNodePort">,
  { port, nodePort }: ForwardedPort,
) {
  const [namespace = "", name = ""] = service.split("/");
  const local = healthCheckNodePort !== undefined;
  const health = local ? { protocol: "HTTP" as const, interval: 10 } : { protocol: "TCP" as const, interval: 30 };
  const fixed = [cluster, namespace, name, port, nodePort, "TCP", "instance", health.protocol, health.interval];
  const hash = createHash("sha1").update(fixed.join("")).digest("hex").slice(0, 10);
  const short = (text: string) => text.replace(/[^a-zA-Z0-9]/g, "").slice(0, 8);
  return {
    Name: `k8s-${short(namespace)}-${short(name)}-${hash}`,
    Protocol: "TCP",
    Port: nodePort,
    TargetType: "instance",
    HealthCheckProtocol: health.protocol,
    HealthCheckPort: local ? String(healthCheckNodePort) : "traffic-port",
    ...(local && { HealthCheckPath: "/healthz" }),
    HealthCheckIntervalSeconds: health.interval,
    HealthyThresholdCount: local ? 2 : 3,
    UnhealthyThresholdCount: local ? 2 : 3,
  } as const;
}

/** Where TLS ends at the listener, the nodes get what was in it. */
function protocolOf(certificate: string | undefined, SslPolicy: string | undefined) {
  if (certificate === undefined) return { Protocol: "TCP" as const };
  return { Protocol: "TLS" as const, Certificates: [{ CertificateArn: certificate }], ...(SslPolicy && { SslPolicy }) };
}

function targetOf({ DefaultActions = [] }: Listener): string | undefined {
  return DefaultActions[0]?.TargetGroupArn;
}

function only<T>(made: readonly T[], what: string): T {
  const [first] = made;
  if (!first) throw new SlipwayError(`AWS said nothing of ${what} that it was to make.`);
  return first;
}

/** An answer without anything in it, in place of one error. */
function nothingFor(code: string): (error: unknown) => Record<string, never> {
  return (error) => {
    if (error instanceof Error && error.name === code) return {};
    throw error;
  };
}
