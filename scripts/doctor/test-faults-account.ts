import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3 } from "@aws-sdk/client-s3";
import { administrator, project, stateBucket } from "../../terraform/test-world.ts";
import { type DoctorWorld, type DoctorFault, replaced } from "./test-doctor.ts";

const account = { region: project.region, credentials: administrator };

/** A lock that somebody took some hours ago. */
async function lock(hours: number, state = "registry"): Promise<() => Promise<unknown>> {
  const s3 = new S3(account);
  const object = { Bucket: stateBucket, Key: `${state}/terraform.tfstate.tflock` };
  const Created = new Date(Date.now() - hours * 3_600_000).toISOString();
  const text = { ID: "7", Operation: "OperationTypeApply", Info: "", Who: "me@here", Version: "1.11.4", Path: "p" };
  await s3.send(new PutObjectCommand({ ...object, Body: JSON.stringify({ ...text, Created }) }));
  return () => s3.send(new DeleteObjectCommand(object));
}

const providerArn = `arn:aws:iam::${project.account}:oidc-provider/token.actions.githubusercontent.com`;
const providerUrl = "https://token.actions.githubusercontent.com";

/** A cluster of the environment's name, which Terraform did not make. */
async function makeCluster(): Promise<() => Promise<unknown>> {
  const eks = new EKS(account);
  const roleArn = `arn:aws:iam::${project.account}:role/demo-plan`;
  const tags = { "slipway:project": "demo", "slipway:environment": "dev" };
  await eks.createCluster({ name: "demo-dev", version: "1.35", roleArn, resourcesVpcConfig: {}, tags });
  return () => eks.deleteCluster({ name: "demo-dev" });
}

/** Changes what a role trusts. */
const trust =
  (role: string, from: string, to: string) =>
  async ({ iam }: DoctorWorld) => {
    const { Role } = await iam.getRole({ RoleName: role });
    const before = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    const PolicyDocument = before.replaceAll(from, to);
    if (PolicyDocument === before) throw new Error("Nothing was changed.");
    await iam.updateAssumeRolePolicy({ RoleName: role, PolicyDocument });
    return () => iam.updateAssumeRolePolicy({ RoleName: role, PolicyDocument: before });
  };

const quota =
  (code: string, value: number) =>
  ({ proxy }: DoctorWorld) =>
    proxy.facts.quotas.set(code, value);

/** What can be wrong with an AWS account. */
export const accountFaults: readonly DoctorFault[] = [
  {
    what: "another account's credentials",
    finds: ["aws-identity", "blocks", /slipway\.yaml says 111111111111/],
    breaks: replaced(`"${project.account}"`, '"111111111111"'),
  },
  {
    what: "a region that is not enabled",
    finds: ["aws-region", "blocks", /not enabled/],
    breaks: ({ proxy }) => proxy.facts.disabledRegions.add("us-east-1"),
  },
  {
    what: "an instance type that one zone lacks",
    finds: ["instance-types", "blocks", /us-east-1b offers no t3\.large/],
    breaks: ({ proxy }) => proxy.facts.notOffered.add("t3.large us-east-1b"),
  },
  {
    what: "an instance type that no zone has",
    finds: ["instance-types", "blocks", /No zone offers m6i\.large/],
    breaks(world) {
      world.config = world.config.replace('"1.35",', '"1.35", nodes: { types: [t3.large, m6i.large] },');
      for (const zone of ["us-east-1a", "us-east-1b"]) world.proxy.facts.notOffered.add(`m6i.large ${zone}`);
    },
  },
  {
    what: "a version that EKS does not offer",
    finds: ["kubernetes-version", "blocks", /1\.35.*/],
    breaks: ({ proxy }) => proxy.facts.versions.set("1.35", { status: "UNSUPPORTED", ends: "2025-03-23" }),
  },
  {
    what: "a version in extended support",
    finds: ["kubernetes-version", "advice", /extended support since 2026-12-02/],
    breaks: replaced('"1.35"', '"1.34"'),
  },
  {
    what: "an account that is not prepared",
    finds: ["state-bucket", "blocks", /not prepared/],
    breaks: replaced(`project: ${project.project}`, "project: other"),
  },
  {
    what: "a bucket that is somebody else's",
    finds: ["state-bucket", "blocks", /belongs to another account/],
    breaks(world) {
      world.config = world.config.replace(`project: ${project.project}`, "project: other");
      world.proxy.faults.add({ service: "s3", action: "HeadBucket", kind: "access-denied" });
    },
  },
  {
    what: "a bucket without old versions",
    finds: ["state-bucket", "advice", /no old versions/],
    async breaks() {
      const s3 = new S3(account);
      const put = (Status: "Enabled" | "Suspended") =>
        s3.send(new PutBucketVersioningCommand({ Bucket: stateBucket, VersioningConfiguration: { Status } }));
      await put("Suspended");
      return () => put("Enabled");
    },
  },
  { what: "an old lock", finds: ["state-locks", "blocks", /me@here since .*5 h ago/], breaks: () => lock(5) },
  { what: "a fresh lock", finds: ["state-locks", "advice", /me@here/], breaks: () => lock(0.1) },
  {
    what: "a run at work, with a cluster that is in no state yet,",
    finds: ["state-locks", "advice", /environments\/dev/],
    async breaks() {
      const undo = [await makeCluster(), await lock(0.1, "environments/dev")];
      return () => Promise.all(undo.map((each) => each()));
    },
  },
  {
    what: "no OIDC provider",
    finds: ["oidc-provider", "blocks", /no OIDC provider/],
    async breaks({ iam }) {
      await iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: providerArn });
      return () => iam.createOpenIDConnectProvider({ Url: providerUrl, ClientIDList: ["sts.amazonaws.com"] });
    },
  },
  {
    what: "an OIDC provider for others",
    finds: ["oidc-provider", "blocks", /but for other\.example/],
    async breaks({ iam }) {
      const make = async (audience: string) => {
        await iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: providerArn });
        await iam.createOpenIDConnectProvider({ Url: providerUrl, ClientIDList: [audience] });
      };
      await make("other.example");
      return () => make("sts.amazonaws.com");
    },
  },
  {
    what: "an OIDC provider that bootstrap would make again",
    finds: ["oidc-provider", "blocks", /already/],
    breaks: (world) => (world.subject.before = "bootstrap"),
  },
  {
    what: "a role that is missing",
    finds: ["role-trust", "blocks", /The role demo-deploy is missing/],
    breaks: ({ proxy }) =>
      proxy.faults.add({
        service: "iam",
        action: "GetRole",
        kind: "code",
        code: "NoSuchEntity",
        status: 404,
        when: (_, body) => body.includes("demo-deploy"),
      }),
  },
  {
    what: "a role that trusts another branch",
    finds: ["role-trust", "blocks", /demo-plan does not trust .*"repo:octo-org\/octo-repo:ref:refs\/heads\/main"/],
    breaks: trust("demo-plan", "refs/heads/main", "refs/heads/trunk"),
  },
  {
    what: "a role that does not know the sub with ids",
    finds: ["role-trust", "blocks", /demo-apply-dev .*"repo:octo-org@7\/octo-repo@8:environment:dev"/],
    async breaks(world) {
      world.github.state.repository.subject.ids = true;
      return trust("demo-apply-dev", "octo-org@7/octo-repo@8", "octo-org@7/octo-repo@9")(world);
    },
  },
  {
    what: "a role that trusts everybody",
    finds: ["role-trust", "unprotected", /demo-plan trusts jobs of other repositories/],
    async breaks({ iam }) {
      const { Role } = await iam.getRole({ RoleName: "demo-plan" });
      const before = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
      const open = JSON.parse(before) as { Statement: { Condition: object }[] };
      for (const statement of open.Statement)
        statement.Condition = { StringLike: { "token.actions.githubusercontent.com:sub": "repo:*" } };
      await iam.updateAssumeRolePolicy({ RoleName: "demo-plan", PolicyDocument: JSON.stringify(open) });
      return () => iam.updateAssumeRolePolicy({ RoleName: "demo-plan", PolicyDocument: before });
    },
  },
  {
    what: "a service-linked role that nobody may make",
    finds: [
      "service-linked-roles",
      "blocks",
      /no AWSServiceRoleForAmazonEKS, .*AWSServiceRoleForElasticLoadBalancing, and .*demo-apply-dev may not/,
    ],
    breaks: ({ proxy }) => proxy.facts.forbidden.set("iam:CreateServiceLinkedRole", "a service control policy"),
  },
  {
    what: "a new account's vCPUs",
    finds: ["quota-vcpus", "blocks", /may have 3 vCPUs in us-east-1; others use 0, and dev needs 4/],
    breaks: quota("L-1216C47A", 3),
  },
  {
    what: "vCPUs that are enough to begin with",
    finds: ["quota-vcpus", "advice", /may have 5 vCPUs .*3 nodes: that takes 6/],
    breaks: quota("L-1216C47A", 5),
  },
  { what: "no more addresses", finds: ["quota-addresses", "blocks", /0 Elastic IP/], breaks: quota("L-0263D0A3", 0) },
  { what: "no more VPCs", finds: ["quota-vpcs", "blocks", /1 VPCs .*others use 1/], breaks: quota("L-F678F1CE", 1) },
  {
    what: "no more internet gateways",
    finds: ["quota-internet-gateways", "blocks", /1 internet gateways/],
    breaks: quota("L-A4707A72", 1),
  },
  {
    what: "no more NAT gateways",
    finds: ["quota-nat-gateways", "blocks", /0 NAT gateways in one zone/],
    breaks: quota("L-FE5A380F", 0),
  },
  { what: "no more clusters", finds: ["quota-clusters", "blocks", /0 EKS clusters/], breaks: quota("L-1194D53C", 0) },
  {
    what: "no more load balancers",
    finds: ["quota-load-balancers", "blocks", /0 network load balancers/],
    breaks: quota("L-69A177A2", 0),
  },
  {
    what: "disks with a key of the customer",
    finds: ["ebs-encryption", "advice", /key\/11111111/],
    breaks: ({ proxy }) => (proxy.facts.ebs = { byDefault: true, key: "arn:aws:kms:us-east-1:1:key/11111111" }),
  },
  {
    what: "an organization that forbids VPCs",
    finds: ["scp-refusals", "blocks", /service control policy of the organization forbids ec2:CreateVpc/],
    breaks: ({ proxy }) => proxy.facts.forbidden.set("ec2:CreateVpc", "a service control policy"),
  },
  {
    what: "an address of an earlier life",
    finds: ["leftovers", "advice", /1 things of an earlier dev are left/],
    async breaks() {
      const ec2 = new EC2(account);
      const Tags = Object.entries({ "slipway:project": "demo", "slipway:environment": "dev" });
      const TagSpecifications = [
        { ResourceType: "elastic-ip" as const, Tags: Tags.map(([Key, Value]) => ({ Key, Value })) },
      ];
      const { AllocationId } = await ec2.allocateAddress({ Domain: "vpc", TagSpecifications });
      return () => ec2.releaseAddress({ AllocationId });
    },
  },
  {
    what: "a cluster of an earlier life",
    finds: ["leftovers", "blocks", /a cluster demo-dev already/],
    breaks: makeCluster,
  },
];
