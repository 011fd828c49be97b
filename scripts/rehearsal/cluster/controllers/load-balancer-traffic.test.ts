import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { close, freePort, listen } from "../../tools/listening.ts";
import { addressOf, LoadBalancerTraffic } from "./load-balancer-traffic.ts";

const servers = ["one", "other"].map((name) => createServer((_, response) => response.end(name)));
let nodePorts: number[];

beforeAll(async () => {
  nodePorts = await Promise.all(servers.map((server) => listen(server)));
});
afterAll(() => Promise.all(servers.map((server) => close(server))));

const traffic = () => new LoadBalancerTraffic(async (port) => ({ host: "127.0.0.1", port }));
const answer = async (ip = "", port = 0) =>
  (await fetch(`http://${ip}:${port}`, { headers: { connection: "close" } })).text();

test("each load balancer has an address of its own, the same every time", () => {
  expect(addressOf("a1")).toBe(addressOf("a1"));
  expect(addressOf("a1")).not.toBe(addressOf("a2"));
  for (let index = 0; index < 1000; index++)
    expect(addressOf(`a${index}`)).toMatch(/^127\.77\.\d{1,3}\.([1-9]\d?|1\d\d|2[0-4]\d|25[0-4])$/);
});

test("listeners follow the ports that are asked for", async () => {
  await using balancers = traffic();
  const [port, second] = [await freePort("0.0.0.0"), await freePort("0.0.0.0")];
  const [one = 0, other = 0] = nodePorts;
  const [first] = await balancers.open("web", [{ port, nodePort: one }]);
  expect(await answer(first?.ip, first?.ports[0]?.port)).toBe("one");
  // Where the machine has all of 127.0.0.0/8, the address is the load balancer's own and the port is the Service's.
  if (process.platform === "linux")
    expect(first).toEqual({ ip: addressOf("web"), ipMode: "Proxy", ports: [{ port, protocol: "TCP" }] });

  const [both] = await balancers.open("web", [
    { port, nodePort: other },
    { port: second, nodePort: one },
  ]);
  expect(await Promise.all((both?.ports ?? []).map((listener) => answer(both?.ip, listener.port)))).toEqual([
    "other",
    "one",
  ]);
  const [left] = await balancers.open("web", [{ port: second, nodePort: one }]);
  expect(left?.ports).toHaveLength(1);
  await expect(answer(first?.ip, first?.ports[0]?.port)).rejects.toThrow("fetch failed");
  await balancers.close("web");
  await balancers.close("web");
  await expect(answer(left?.ip, left?.ports[0]?.port)).rejects.toThrow("fetch failed");
});

test("a port that cannot be had is replaced by a free one of 127.0.0.1, which the status tells", async () => {
  await using balancers = traffic();
  await using others = traffic();
  const port = await freePort("0.0.0.0");
  const [one = 0] = nodePorts;
  const [first] = await balancers.open("web", [{ port, nodePort: one }]);
  const [second] = await others.open("web", [{ port, nodePort: one }]);
  expect(second?.ip).toBe("127.0.0.1");
  expect(second?.ports[0]?.port).not.toBe(first?.ports[0]?.port);
  expect(await answer(second?.ip, second?.ports[0]?.port)).toBe("one");
});
