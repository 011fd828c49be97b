import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLeftovers } from "../../actions/testing/resources/leftovers.ts";
import { startTestAws, type TestAws, testConfig } from "../../actions/testing/resources/world.ts";
import { describeReceipt, keepPolicy, receiptOf } from "./receipt.ts";
import { sweepEnvironment, type SweepOptions } from "./sweep.ts";
import type { EnvironmentTarget } from "./target.ts";

const parts = new AsyncDisposableStack();
let aws: TestAws;
let target: EnvironmentTarget;

beforeAll(async () => {
  aws = parts.use(await startTestAws());
  const { credentials } = aws.dev;
  target = { config: testConfig, environment: "dev", credentials, directory: "", rehearsal: false };
  await makeLeftovers(aws.clients, aws.dev);
});
afterAll(() => parts.disposeAsync());

const lines: string[] = [];
const options = (change: Partial<SweepOptions> = {}): SweepOptions => {
  lines.length = 0;
  const log = (line: string) => void lines.push(line);
  return { keep: {}, dryRun: false, confirm: () => Promise.reject(new Error("nobody is asked")), log, ...change };
};
const mutations = () => aws.proxy.requests.filter(({ mutating }) => mutating).map(({ action }) => action);

it("shows a receipt with prices, and keeps what --keep names", async () => {
  const { receipt } = await receiptOf(target, keepPolicy(["snapshots"]));
  const text = describeReceipt(receipt);
  expect(text).toMatch(/^✗ \d+ things that bill are left of dev in account 000000000000, us-east-1\.$/m);
  expect(text).toMatch(/^EKS cluster +demo-dev +73\.00$/m);
  expect(text).toMatch(/^About \d+\.\d\d USD a month together\. Prices on demand/m);
  expect(text).toMatch(/^EBS snapshot +snap-\w+ +0\.25 +Kept, as --keep says\.$/m);
});

it("refuses another account's credentials before it looks", async () => {
  const config = { ...testConfig, aws: { ...testConfig.aws, account: "999999999999" } };
  await expect(receiptOf({ ...target, config }, {})).rejects.toMatchObject({ reason: "wrong-account" });
});

it("removes nothing for a wrong name, nor for a dry run", async () => {
  aws.proxy.forget();
  let shown = "";
  const confirm = async (plan: string) => {
    shown = plan;
    return "prod";
  };
  await expect(sweepEnvironment(target, options({ confirm }))).rejects.toThrow(
    '"prod" is not "dev": nothing was removed.',
  );
  expect(shown).toMatch(/^Would go +Name +USD\/month$/m);
  expect(shown).toMatch(/^NAT gateway +nat-\w+ +32\.85$/m);
  expect(shown).toMatch(/^VPC endpoint +vpce-\w+ +It is in the environment's VPC/m);
  const { swept } = await sweepEnvironment(target, options({ dryRun: true }));
  expect(swept).toEqual([]);
  expect(lines.join("\n")).toMatch(/^Would go/m);
  expect(mutations()).toEqual([]);
});

it("removes what is ours for the right name, and gives the receipt of what stays", async () => {
  const { VpcEndpoints = [] } = await aws.clients.ec2.describeVpcEndpoints({});
  const VpcEndpointIds = VpcEndpoints.map(({ VpcEndpointId: id = "" }) => id);
  await aws.clients.ec2.deleteVpcEndpoints({ VpcEndpointIds }); // by whoever made it
  const { swept, receipt } = await sweepEnvironment(target, options({ confirm: async () => "dev" }));
  expect(swept.filter(({ gone }) => !gone)).toEqual([]);
  expect(lines).toContain("✓ EKS cluster demo-dev is gone");
  expect(receipt.clean).toBe(true);
});
