import type { AwsError } from "../proxy/aws-errors.ts";
import { type NetworkInterfaces, loadBalancerOf } from "./network-interfaces.ts";
import type { AwsRequest, EmulatorPatch } from "./patch.ts";

/** The patches of network interfaces, and of what cannot go while there are any. */
export function networkInterfacePatches(interfaces: NetworkInterfaces): readonly EmulatorPatch[] {
  return [description(interfaces), ownership(interfaces), dependents(interfaces), endpoints(interfaces)];
}

/**
 * A VPC with an endpoint in it stays.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
 */
function endpoints(interfaces: NetworkInterfaces): EmulatorPatch {
  return {
    name: "ec2-endpoints",
    operations: ["ec2:DeleteVpc"],
    async refuse({ operation, body }) {
      const vpc = new URLSearchParams(body).get("VpcId") ?? "";
      const { VpcEndpoints = [] } = await interfaces.emulator(operation.region).describeVpcEndpoints({});
      const message = `The vpc '${vpc}' has dependencies and cannot be deleted.`;
      const held = VpcEndpoints.some(({ VpcId }) => VpcId === vpc);
      return held ? { code: "DependencyViolation", message, status: 400 } : undefined;
    },
  };
}

/** The start of an interface in an answer; items of its own lists begin with something else. */
const start = /(?=<item>\s*<networkInterfaceId>)/;
const end = "</networkInterfaceSet>";

/**
 * Interfaces are filtered, which the emulator does not do, and those of load balancers show whose they are.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
 */
function description(interfaces: NetworkInterfaces): EmulatorPatch {
  return {
    name: "ec2-network-interfaces",
    operations: ["ec2:DescribeNetworkInterfaces"],
    async refuse({ operation: { region } }) {
      await interfaces.list(region); // those whose time is up are not in the emulator's answer then
      return undefined;
    },
    rewrite({ body, answer }) {
      if (answer.status >= 300) return undefined;
      const text = answer.body.toString();
      const tail = text.includes(end) ? text.slice(text.indexOf(end)) : "";
      const [head, ...items] = text.slice(0, text.length - tail.length).split(start);
      const filters = filtersOf(body);
      const shown = items
        .map((item) => owned(item, interfaces))
        .filter((item) => filters.every(({ name, values }) => fits(item, name, values)));
      return { ...answer, body: [head, ...shown, tail].join("") };
    },
  };
}

function owned(item: string, interfaces: NetworkInterfaces): string {
  const id = /<networkInterfaceId>eni-([^<]*)</.exec(item)?.[1] ?? "";
  const description = /<description>([^<]*)</.exec(item)?.[1] ?? "";
  if (!loadBalancerOf(description)) return item;
  const address = interfaces.addressOf(description, id);
  const association = address
    ? `<association><publicIp>${address}</publicIp><ipOwnerId>amazon</ipOwnerId></association>`
    : "";
  const attachment = `<attachment><attachmentId>ela-attach-${id}</attachmentId><instanceOwnerId>amazon-aws</instanceOwnerId><deviceIndex>1</deviceIndex><status>attached</status><deleteOnTermination>false</deleteOnTermination></attachment>`;
  const type = item.includes("<description>ELB net/") ? "network_load_balancer" : "interface";
  return item
    .replace(/<status>available</, "<status>in-use<")
    .replace(/<interfaceType>[^<]*</, `<interfaceType>${type}<`)
    .replace("<groupSet", `<requesterId>amazon-elb</requesterId><requesterManaged>true</requesterManaged><groupSet`)
    .replace("<tagSet", `${association}${attachment}<tagSet`);
}

interface Filter {
  name: string;
  values: string[];
}

function filtersOf(body: string): Filter[] {
  const form = new URLSearchParams(body);
  const filters: Filter[] = [];
  for (let index = 1; form.has(`Filter.${String(index)}.Name`); index++) {
    const prefix = `Filter.${String(index)}.`;
    const values = [...form].filter(([name]) => name.startsWith(`${prefix}Value.`)).map(([, value]) => value);
    filters.push({ name: form.get(`${prefix}Name`) ?? "", values });
  }
  return filters;
}

/** Whether one interface passes a filter: `subnet-id` is its subnetId, `attachment.status` its attachment's status. */
function fits(item: string, name: string, values: readonly string[]): boolean {
  const found = tagsOrFields(item, name);
  return values.some((value) => found.some((text) => wildcards(value).test(text)));
}

function wildcards(value: string): RegExp {
  const literal = value.replace(/[\\^$.+()[\]{}|]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

function tagsOrFields(item: string, name: string): string[] {
  const tags = [...item.matchAll(/<key>([^<]*)<\/key><value>([^<]*)</g)];
  if (name === "tag-key") return tags.map(([, key = ""]) => key);
  if (name.startsWith("tag:")) return tags.filter(([, key]) => key === name.slice(4)).map(([, , value = ""]) => value);
  const attachment = /<attachment>.*?<\/attachment>/s.exec(item)?.[0] ?? "";
  const within = name.startsWith("attachment.") ? attachment : item.replace(attachment, "");
  const field = (name.split(".").pop() ?? "").replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return [...within.matchAll(new RegExp(`<${field}>([^<]*)<`, "g"))].map(([, text = ""]) => text);
}

/**
 * Only the load balancing service detaches and deletes its interfaces.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
 */
function ownership(interfaces: NetworkInterfaces): EmulatorPatch {
  return {
    name: "ec2-requester-managed",
    operations: ["ec2:DeleteNetworkInterface", "ec2:DetachNetworkInterface"],
    async refuse({ operation, body }) {
      const form = new URLSearchParams(body);
      if (operation.action === "DetachNetworkInterface") {
        const message = "You are not allowed to manage 'ela-attach' attachments.";
        const theirs = form.get("AttachmentId")?.startsWith("ela-attach-");
        return theirs ? { code: "OperationNotPermitted", message, status: 400 } : undefined;
      }
      const id = form.get("NetworkInterfaceId") ?? "";
      const all = await interfaces.list(operation.region);
      const theirs = all.some((one) => one.NetworkInterfaceId === id && loadBalancerOf(one.Description) !== undefined);
      const message = `Network interface '${id}' is currently in use.`;
      return theirs ? { code: "InvalidParameterValue", message, status: 400 } : undefined;
    },
  };
}

/**
 * A subnet with an interface in it stays, and so does the internet gateway of a VPC whose load balancers have public
 * addresses.
 * https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
 */
function dependents(interfaces: NetworkInterfaces): EmulatorPatch {
  return {
    name: "ec2-dependents",
    operations: ["ec2:DeleteSubnet", "ec2:DetachInternetGateway"],
    async refuse({ operation, body }: AwsRequest): Promise<AwsError | undefined> {
      const form = new URLSearchParams(body);
      const all = await interfaces.list(operation.region);
      const subnet = form.get("SubnetId") ?? "";
      const vpc = form.get("VpcId") ?? "";
      const [used, message] =
        operation.action === "DeleteSubnet"
          ? [
              all.some(({ SubnetId }) => SubnetId === subnet),
              `The subnet '${subnet}' has dependencies and cannot be deleted.`,
            ]
          : [
              all.some(({ VpcId, Description }) => VpcId === vpc && loadBalancerOf(Description) !== undefined),
              `Network ${vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
            ];
      return used ? { code: "DependencyViolation", message, status: 400 } : undefined;
    },
  };
}
