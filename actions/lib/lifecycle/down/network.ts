import { destroyEnvironment } from "./destroy.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { findRemaining, removeFound, type Which } from "./resources.ts";

/**
 * Interfaces that go with what Terraform destroys. Everybody else's keep their subnet:
 * https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
 */
const ofTerraform: Which = ({ facts }) =>
  /^(Interface for NAT Gateway|VPC Endpoint Interface)/.test(String(facts.description ?? ""));

/**
 * Endpoints that something else has made in the VPC, such as GuardDuty. Terraform does not know them, and cannot delete a
 * subnet that contains one.
 */
const ofOthers: Which = ({ by }) => by !== "tag";

/** What a network is made of, in the order in which it can be deleted. */
const networkKinds = [
  ...(["vpc-endpoint", "nat-gateway", "address", "internet-gateway", "subnet", "route-table"] as const),
  ...(["security-group", "vpc", "launch-template", "certificate", "dns-record"] as const),
];

/** The VPC, and with it the rest of what Terraform made. */
export const networkDown: Down = {
  minutes: 30,
  doneWhen: "no interface and no endpoint of somebody else in the VPC, then no VPC, no certificate and no DNS record",
  async remaining({ environment }: Teardown): Promise<Remaining[]> {
    return findRemaining(environment, [
      ...(["network-interface", "nat-gateway", "address", "vpc-endpoint", "vpc"] as const),
      ...(["certificate", "dns-record"] as const),
    ]);
  },
  async act(
    { environment, report, ...teardown }: Teardown,
    _remaining: readonly Remaining[],
    minutes: number,
  ): Promise<void> {
    await removeFound(
      environment,
      ["vpc-endpoint"],
      (each) => ofOthers(each) && each.facts.state !== "deleting",
      report.line,
    );
    const endpoints = await findRemaining(environment, ["vpc-endpoint"], ofOthers);
    const others = await removeFound(
      environment,
      ["network-interface"],
      (each) => !ofTerraform(each) && each.facts.state === "available",
      report.line,
    );
    const inUse = await findRemaining(environment, ["network-interface"], (each) => !ofTerraform(each));
    // With one of these, Terraform would try in vain until its own time-outs.
    if (others > 0 || inUse.length > 0 || endpoints.length > 0) return;
    // Of load balancers, of EKS and of GuardDuty: nobody else deletes them, and they hold the VPC.
    await removeFound(environment, ["security-group"], () => true, report.line);
    await destroyEnvironment({ environment, report, ...teardown }, minutes);
    // What an interrupted apply has made and not written down.
    await removeFound(environment, networkKinds, () => true, report.line);
  },
};
