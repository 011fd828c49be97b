import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { STS } from "@aws-sdk/client-sts";
import { startEmulator } from "../emulator/emulator.ts";
import { type Proxy, startProxy } from "../proxy/proxy.ts";
import type { DayKind } from "./day.ts";

const region = "us-east-1";

/** What every role of a test may ask for; what AWS looks at in addition to it is what is tried. */
const requests = [
  "ec2:CreateVpc",
  "eks:CreateCluster",
  "eks:CreateNodegroup",
  "elasticloadbalancing:CreateLoadBalancer",
];

/** Keys of somebody. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** An emulated account behind a proxy, for tests. */
export interface TestAccount extends AsyncDisposable {
  readonly id: string;
  readonly proxy: Proxy;
  /** Clients of somebody; of the account's root user when left out. A throttled request is sent again up to `attempts` times. */
  clients(credentials?: Keys, attempts?: number): AccountClients;
  /** Makes a role with a policy, and takes it on through the proxy. */
  takeOn(name: string, statements: readonly object[]): Promise<Keys>;
  /** Gives a role another policy. */
  allow(name: string, statements: readonly object[]): Promise<void>;
}

/** Clients of the services whose differences are played. */
export interface AccountClients {
  ec2: EC2;
  eks: EKS;
  elb: ElasticLoadBalancingV2;
  iam: IAM;
  kms: KMS;
  sts: STS;
}

/** Starts an emulator without clusters, and a proxy before it. */
export async function openAccount(day: DayKind): Promise<TestAccount> {
  const parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "slipway-fidelity-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint, day }));
  const past = new IAM({ region, endpoint: emulator.endpoint, credentials: emulator.credentials });
  const clients: TestAccount["clients"] = (credentials = emulator.credentials, maxAttempts = 10) => {
    const settings = { region, endpoint: proxy.endpoint, credentials, maxAttempts };
    return {
      ec2: new EC2(settings),
      eks: new EKS(settings),
      elb: new ElasticLoadBalancingV2(settings),
      iam: new IAM(settings),
      kms: new KMS(settings),
      sts: new STS(settings),
    };
  };
  const allow: TestAccount["allow"] = async (RoleName, statements) => {
    const Statement = [...statements, { Effect: "Allow", Action: requests, Resource: "*" }];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await past.putRolePolicy({ RoleName, PolicyName: "own", PolicyDocument });
  };
  return {
    id: emulator.account,
    proxy,
    clients,
    allow,
    async takeOn(RoleName, statements) {
      // Past the proxy: that it is new is not what is tried.
      await past.createRole({ RoleName, AssumeRolePolicyDocument: "{}" });
      await allow(RoleName, statements);
      const RoleArn = `arn:aws:iam::${emulator.account}:role/${RoleName}`;
      const { Credentials } = await clients().sts.assumeRole({ RoleArn, RoleSessionName: "test" });
      const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
