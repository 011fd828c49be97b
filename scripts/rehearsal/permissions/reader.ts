import { ACM } from "@aws-sdk/client-acm";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { EC2 } from "@aws-sdk/client-ec2";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { rootCredentials } from "../aws/emulator/emulator.ts";
import type { AwsRequest, EmulatorPatch } from "../aws/emulator/patch.ts";
import { type Parameters, valuesOf } from "./parameters.ts";

/** Something that a request is about and that is known by a number. */
export interface Thing {
  /** Its id or ARN; a key's is its id. */
  id: string;
  /** The condition keys about it, for example `aws:ResourceTag/slipway:project`. */
  context: Readonly<Record<string, string>>;
}

const ec2Id = /^[a-z]+(?:-[a-z]+)*-(?=[0-9a-f]*\d)[0-9a-f]{8,}$/;

type TagList = readonly { Key?: string | undefined; Value?: string | undefined }[];

const tagContext = (tags: TagList = []) =>
  Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value ?? ""]));

/** Looks at the emulator, as its owner, for what IAM knows of a request's resources: their tags. */
export class ThingReader {
  readonly #upstream: string;

  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  /** What a request names by number, as it is before the request is answered. */
  async thingsOf(asked: AwsRequest, parameters: Parameters, patches: readonly EmulatorPatch[]): Promise<Thing[]> {
    const { operation } = asked;
    const settings = {
      endpoint: this.#upstream,
      region: operation.region || "us-east-1",
      credentials: rootCredentials,
    };
    const values = Object.values(parameters);
    try {
      switch (operation.service) {
        case "ec2":
          return operation.mutating
            ? await this.#ec2(
                new EC2(settings),
                values.filter((each) => ec2Id.test(each)),
              )
            : [];
        case "kms":
          return await keys(new KMS(settings), keysIn(operation.action, parameters));
        case "elasticloadbalancing":
          if (parameters.Version === classicVersion) return await classic(asked, parameters, patches);
          return operation.mutating ? await balancers(new ElasticLoadBalancingV2(settings), values) : [];
        case "acm":
          return await certificates(new ACM(settings), valuesOf(parameters, "CertificateArn"));
        case "iam":
          return await providers(new IAM(settings), valuesOf(parameters, "OpenIDConnectProviderArn"));
        default:
          return [];
      }
    } catch {
      return []; // of what is not there, nothing can be told
    }
  }

  async #ec2(ec2: EC2, ids: readonly string[]): Promise<Thing[]> {
    const all = [...ids];
    for (const id of ids) all.push(...(await associated(ec2, id)));
    if (all.length === 0) return [];
    const { Tags: tags = [] } = await ec2.describeTags({ Filters: [{ Name: "resource-id", Values: all }] });
    return all.map((id) => ({ id, context: tagContext(tags.filter(({ ResourceId }) => ResourceId === id)) }));
  }
}

/** What an association is between: IAM asks for both. */
async function associated(ec2: EC2, id: string): Promise<string[]> {
  const Filters = (Name: string) => ({ Filters: [{ Name, Values: [id] }] });
  if (id.startsWith("rtbassoc-")) {
    const { RouteTables = [] } = await ec2.describeRouteTables({});
    return RouteTables.flatMap(({ RouteTableId = "", Associations = [] }) =>
      Associations.filter(({ RouteTableAssociationId }) => RouteTableAssociationId === id).flatMap(({ SubnetId }) => [
        RouteTableId,
        ...(SubnetId === undefined ? [] : [SubnetId]),
      ]),
    );
  }
  if (!id.startsWith("eipassoc-")) return [];
  const { Addresses = [] } = await ec2.describeAddresses(Filters("association-id"));
  return Addresses.flatMap(({ AllocationId, NetworkInterfaceId }) =>
    [AllocationId ?? [], NetworkInterfaceId ?? []].flat(),
  );
}

/** The keys that a request is about; those that are only named by an alias, too, but for an alias that is being made. */
function keysIn(action: string, parameters: Parameters): string[] {
  const named = [...valuesOf(parameters, "KeyId"), ...valuesOf(parameters, "TargetKeyId")];
  return action === "CreateAlias" ? named : [...named, ...valuesOf(parameters, "AliasName")];
}

/** What tells the first generation of load balancers, which the emulator does not have. */
const classicVersion = "2012-06-01";

/** Asks who plays them. */
async function classic(asked: AwsRequest, parameters: Parameters, patches: readonly EmulatorPatch[]): Promise<Thing[]> {
  const [id = ""] = valuesOf(parameters, "LoadBalancerName");
  const form = { Version: classicVersion, Action: "DescribeTags", "LoadBalancerNames.member.1": id };
  const request = {
    operation: { ...asked.operation, action: "DescribeTags" },
    url: "/",
    body: new URLSearchParams(form).toString(),
  };
  for (const patch of patches) {
    const text = (await patch.answer?.(request))?.body.toString() ?? "";
    const tags = [...text.matchAll(/<Key>([^<]*)<\/Key><Value>([^<]*)<\/Value>/g)];
    if (tags.length > 0) return [{ id, context: tagContext(tags.map(([, Key, Value]) => ({ Key, Value }))) }];
  }
  return [];
}

async function keys(kms: KMS, ids: readonly string[]): Promise<Thing[]> {
  return Promise.all(
    ids.map(async (KeyId) => {
      const { KeyMetadata } = await kms.describeKey({ KeyId });
      const id = KeyMetadata?.KeyId ?? KeyId;
      const { Tags = [] } = await kms.listResourceTags({ KeyId: id });
      const { Aliases = [] } = await kms.listAliases({ KeyId: id });
      const alias = Aliases.find(({ TargetKeyId }) => TargetKeyId === id)?.AliasName;
      const tags = tagContext(Tags.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue })));
      return { id, context: { ...tags, ...(alias !== undefined && { "kms:ResourceAliases": alias }) } };
    }),
  );
}

async function balancers(elb: ElasticLoadBalancingV2, values: readonly string[]): Promise<Thing[]> {
  const ResourceArns = values.filter((value) => value.startsWith("arn:aws:elasticloadbalancing:"));
  if (ResourceArns.length === 0) return [];
  const { TagDescriptions = [] } = await elb.describeTags({ ResourceArns });
  return TagDescriptions.map(({ ResourceArn = "", Tags }) => ({ id: ResourceArn, context: tagContext(Tags) }));
}

async function certificates(acm: ACM, arns: readonly string[]): Promise<Thing[]> {
  return Promise.all(
    arns.map(async (CertificateArn) => {
      const { Tags } = await acm.listTagsForCertificate({ CertificateArn });
      return { id: CertificateArn, context: tagContext(Tags) };
    }),
  );
}

async function providers(iam: IAM, arns: readonly string[]): Promise<Thing[]> {
  return Promise.all(
    arns.map(async (OpenIDConnectProviderArn) => {
      const { Tags } = await iam.listOpenIDConnectProviderTags({ OpenIDConnectProviderArn });
      return { id: OpenIDConnectProviderArn, context: tagContext(Tags) };
    }),
  );
}
