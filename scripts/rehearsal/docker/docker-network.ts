import { readFile, writeFile } from "node:fs/promises";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureSystemPackages } from "../tools/system.ts";

/** A bridge with a range of addresses and a way out, for a Docker daemon of our own. */
export interface DockerNetwork extends AsyncDisposable {
  /** The bridge's name in the kernel. */
  readonly bridge: string;
  /** The range for every network of the daemon, a /16 in CIDR form; the bridge has the first /24 of it. */
  readonly pool: string;
}

const forwarding = "/proc/sys/net/ipv4/ip_forward";

/** A private /16 that no route of this machine touches, as its first two numbers, for example `10.213`. */
export async function freeNetwork(): Promise<string> {
  const { ip } = await ensureSystemPackages(["ip"]);
  const { stdout } = await run(ip, ["-4", "-json", "route", "show", "table", "all"]);
  const routes = (JSON.parse(stdout) as { dst: string }[]).map((route) => route.dst);
  const found = chooseNetwork(routes);
  if (!found)
    throw new SlipwayError("Every private address range that a Docker network could use is routed on this machine.", {
      next: "Start Docker yourself with a range that suits the machine, then try again.",
    });
  return found;
}

/** The first of some rarely used /16 ranges that overlaps none of the routes (addresses or CIDR blocks). */
export function chooseNetwork(routes: readonly string[]): string | undefined {
  const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const blocks = routes
    .filter((route) => /^\d/.test(route))
    .map((route) => {
      const [address = "", bits = "32"] = route.split("/");
      return { first: number(address), last: number(address) + 2 ** (32 - Number(bits)) - 1 };
    });
  const candidates = Array.from({ length: 40 }, (_, index) => `10.${213 + index}`);
  return candidates.find((candidate) => {
    const first = number(`${candidate}.0.0`);
    return blocks.every((block) => block.last < first || block.first > first + 0xffff);
  });
}

/**
 * Makes the bridge `name` and the three firewall rules that its containers need; disposing of it removes exactly
 * these. Remains of an earlier network of this name are removed first.
 *
 * @param range the first two numbers of a free /16
 */
export async function makeNetwork(name: string, range: string): Promise<DockerNetwork> {
  const { ip, iptables } = await ensureSystemPackages(["ip", "iptables"]);
  const pool = `${range}.0.0/16`;
  const comment = ["-m", "comment", "--comment", name];
  const rules = [
    { table: "nat", chain: "POSTROUTING", rest: ["-s", pool, "!", "-d", pool, ...comment, "-j", "MASQUERADE"] },
    { table: "filter", chain: "FORWARD", rest: ["-s", pool, ...comment, "-j", "ACCEPT"] },
    { table: "filter", chain: "FORWARD", rest: ["-d", pool, ...comment, "-j", "ACCEPT"] },
  ];
  const removeRules = async () => {
    for (const table of ["nat", "filter"]) {
      const { stdout } = await run(iptables, ["--wait", "-t", table, "-S"]);
      for (const line of stdout.split("\n").filter((rule) => rule.includes(`--comment ${name} `)))
        await run(iptables, ["--wait", "-t", table, ...line.replace(/^-A/, "-D").split(" ")]);
    }
  };
  const removeBridge = () => run(ip, ["link", "delete", name], { okCodes: [0, 1] });

  await removeRules();
  await removeBridge();
  await using undo = new AsyncDisposableStack();
  const forwarded = (await readFile(forwarding, "utf8")).trim();
  if (forwarded === "0") {
    await writeFile(forwarding, "1");
    undo.defer(() => writeFile(forwarding, forwarded));
  }
  undo.defer(async () => {
    await removeBridge();
  });
  await run(ip, ["link", "add", name, "type", "bridge"]);
  await run(ip, ["address", "add", `${range}.0.1/24`, "dev", name]);
  await run(ip, ["link", "set", name, "up"]);
  undo.defer(removeRules);
  for (const { table, chain, rest } of rules) await run(iptables, ["--wait", "-t", table, "-I", chain, ...rest]);
  const release = undo.move();
  return { bridge: name, pool, [Symbol.asyncDispose]: () => release.disposeAsync() };
}
