import { type AwsResponse, escapeXml, writeError } from "../proxy/aws-errors.ts";
import type { AwsRequest, Fields, EmulatorPatch } from "../emulator/patch.ts";

/** A version of Kubernetes, as EKS lists it. */
export interface PlayedVersion {
  status: "STANDARD_SUPPORT" | "EXTENDED_SUPPORT" | "UNSUPPORTED";
  /** The end of standard support, ISO 8601. */
  ends: string;
}

/** What AWS tells of an account, of which the emulator knows nothing or says something else. A test may change it. */
export interface AccountFacts {
  /** Quotas by their codes. */
  quotas: Map<string, number>;
  /** Regions that the account has not enabled. */
  disabledRegions: Set<string>;
  /** What a zone does not offer: `t3.large us-east-1a`. */
  notOffered: Set<string>;
  /** The key of new disks, and whether all are encrypted. */
  ebs: { byDefault: boolean; key: string };
  /** By minor version. */
  versions: Map<string, PlayedVersion>;
  /** Who forbids what, by IAM's name of the action: `ec2:CreateVpc` by `a service control policy`. */
  forbidden: Map<string, string>;
}

/** Quotas of an account that has been in use for a while; https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
const usualQuotas: Readonly<Record<string, number>> = {
  "L-1216C47A": 64,
  "L-0263D0A3": 5,
  "L-F678F1CE": 5,
  "L-A4707A72": 5,
  "L-1194D53C": 100,
  "L-69A177A2": 50,
};

/** Quotas that AWS tells only as the default of all accounts. */
const defaultQuotas: Readonly<Record<string, number>> = { "L-FE5A380F": 5 };

/** An account in which everything fits. */
export function usualAccount(): AccountFacts {
  return {
    quotas: new Map(Object.entries(usualQuotas)),
    disabledRegions: new Set(),
    notOffered: new Set(),
    ebs: { byDefault: false, key: "alias/aws/ebs" },
    versions: new Map<string, PlayedVersion>([
      ["1.37", { status: "STANDARD_SUPPORT", ends: "2028-02-02" }],
      ["1.36", { status: "STANDARD_SUPPORT", ends: "2027-08-02" }],
      ["1.35", { status: "STANDARD_SUPPORT", ends: "2027-03-27" }],
      ["1.34", { status: "EXTENDED_SUPPORT", ends: "2026-12-02" }],
      ["1.29", { status: "UNSUPPORTED", ends: "2025-03-23" }],
    ]),
    forbidden: new Map(),
  };
}

/** Plays what AWS tells of an account. */
export function accountFacts(facts: AccountFacts): readonly EmulatorPatch[] {
  return [
    {
      // Nothing is done in a dry run: it never reaches the emulator, which would do it.
      // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
      name: "ec2-dry-run",
      operations: ["ec2:*"],
      answer({ operation, body }) {
        if (new URLSearchParams(body).get("DryRun") !== "true") return Promise.resolve(undefined);
        const by = facts.forbidden.get(`ec2:${operation.action}`);
        const message = by
          ? `You are not authorized to perform this operation. User: arn:aws:iam::000000000000:root is not authorized to perform: ec2:${operation.action} on resource: * with an explicit deny in ${by}`
          : "Request would have succeeded, but DryRun flag is set.";
        const error = by
          ? { code: "UnauthorizedOperation", message, status: 403 }
          : { code: "DryRunOperation", message, status: 412 };
        return Promise.resolve(writeError(operation, error));
      },
    },
    {
      name: "ec2-instance-types",
      operations: ["ec2:DescribeInstanceTypes"],
      answer(request) {
        const types = filters(request).get("instance-type");
        return Promise.resolve(types && list(request, "instanceTypeSet", types.map(typeItem)));
      },
    },
    {
      name: "ec2-instance-type-offerings",
      operations: ["ec2:DescribeInstanceTypeOfferings"],
      answer(request) {
        const { "instance-type": types = [], location: zones = [] } = Object.fromEntries(filters(request));
        const offered = zones.flatMap((zone) => types.map((type) => `${type} ${zone}`));
        const items = offered.filter((each) => !facts.notOffered.has(each)).map(offeringItem);
        return Promise.resolve(list(request, "instanceTypeOfferingSet", items));
      },
    },
    {
      name: "ec2-ebs-encryption",
      operations: ["ec2:GetEbsEncryptionByDefault", "ec2:GetEbsDefaultKmsKeyId"],
      answer: (request) =>
        Promise.resolve(
          whole(
            request,
            request.operation.action === "GetEbsDefaultKmsKeyId"
              ? `<kmsKeyId>${escapeXml(facts.ebs.key)}</kmsKeyId>`
              : `<ebsEncryptionByDefault>${String(facts.ebs.byDefault)}</ebsEncryptionByDefault>`,
          ),
        ),
    },
    {
      name: "ec2-disabled-regions",
      operations: ["ec2:DescribeRegions"],
      rewrite: ({ answer }) => ({
        ...answer,
        body: answer.body
          .toString()
          .replaceAll(
            /(<regionName>([^<]+)<\/regionName>.*?<optInStatus>)[^<]+/g,
            (text, before: string, name: string) => (facts.disabledRegions.has(name) ? `${before}not-opted-in` : text),
          ),
      }),
    },
    serviceRoleSimulation(facts),
    {
      name: "eks-cluster-versions",
      operations: ["eks:DescribeClusterVersions"],
      answer: () => Promise.resolve(json({ clusterVersions: [...facts.versions].map(versionFields) })),
    },
    {
      name: "service-quotas",
      operations: ["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota"],
      answer({ operation, body }) {
        const { ServiceCode, QuotaCode } = JSON.parse(body) as { ServiceCode: string; QuotaCode: string };
        const changed = facts.quotas.get(QuotaCode);
        const value = operation.action === "GetServiceQuota" ? changed : (defaultQuotas[QuotaCode] ?? changed);
        const message = `The quota ${QuotaCode} does not exist in the service ${ServiceCode}.`;
        if (value === undefined)
          return Promise.resolve(writeError(operation, { code: "NoSuchResourceException", message, status: 400 }));
        const Quota = { ServiceCode, QuotaCode, QuotaName: QuotaCode, Value: value, Adjustable: true };
        return Promise.resolve(json({ Quota }, "application/x-amz-json-1.1"));
      },
    },
  ];
}

/**
 * The emulator's simulation reads no context of a request, on which the real answer hangs: whether the role may have the
 * role of this very service made.
 */
function serviceRoleSimulation(facts: AccountFacts): EmulatorPatch {
  const action = "iam:CreateServiceLinkedRole";
  return {
    name: "iam-simulated-context",
    operations: ["iam:SimulatePrincipalPolicy"],
    rewrite({ body, answer }) {
      if (new URLSearchParams(body).get("ActionNames.member.1") !== action) return undefined;
      const decision = facts.forbidden.has(action) ? "explicitDeny" : "allowed";
      const text = answer.body.toString();
      return { ...answer, body: text.replaceAll(/(<EvalDecision>)\w+/g, `$1${decision}`) };
    },
  };
}

/** The filters of a request, by their names. */
function filters({ body }: AwsRequest): Map<string, string[]> {
  const form = new URLSearchParams(body);
  const found = new Map<string, string[]>();
  for (const [key, name] of form) {
    const index = /^Filter\.(\d+)\.Name$/.exec(key)?.[1];
    if (index === undefined) continue;
    const value = new RegExp(`^Filter\\.${index}\\.Value\\.`);
    found.set(
      name,
      [...form].filter(([other]) => value.test(other)).map(([, each]) => each),
    );
  }
  return found;
}

/** An instance type's virtual processors, which go by its size: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html */
export function processorsOf(type: string): number {
  const [, times = "", size = ""] = /\.(\d*)(\w+)$/.exec(type) ?? [];
  return size === "xlarge" ? 4 * Number(times || "1") : 2;
}

function typeItem(type: string): string {
  return `<instanceType>${escapeXml(type)}</instanceType><vCpuInfo><defaultVCpus>${processorsOf(type)}</defaultVCpus></vCpuInfo>`;
}

function offeringItem(offering: string): string {
  const [type = "", zone = ""] = offering.split(" ");
  return (
    `<instanceType>${escapeXml(type)}</instanceType><locationType>availability-zone</locationType>` +
    `<location>${escapeXml(zone)}</location>`
  );
}

function versionFields([clusterVersion, { status, ends }]: [string, PlayedVersion]): Fields {
  return { clusterVersion, versionStatus: status, endOfStandardSupportDate: Date.parse(ends) / 1000 };
}

function list(request: AwsRequest, set: string, items: readonly string[]): AwsResponse {
  return whole(request, `<${set}>${items.map((item) => `<item>${item}</item>`).join("")}</${set}>`);
}

function whole({ operation }: AwsRequest, content: string): AwsResponse {
  const name = `${operation.action}Response`;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${content}</${name}>`;
  return { status: 200, headers: { "content-type": "text/xml;charset=UTF-8" }, body };
}

function json(body: Fields, type = "application/json"): AwsResponse {
  return { status: 200, headers: { "content-type": type }, body: JSON.stringify(body) };
}
