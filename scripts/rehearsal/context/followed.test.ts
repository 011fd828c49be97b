import { expect, it } from "vitest";
import type { RunningCluster } from "../cluster/clusters.ts";
import { followKubeContext } from "./followed.ts";

const cluster: RunningCluster = {
  name: "slipway-dev",
  address: "192.0.2.1",
  access: { server: "https://192.0.2.1", certificateAuthority: "", token: () => Promise.resolve("") },
  kubeconfig: "",
  folders: { make: async () => {}, remove: async () => {} },
};

/** Follows a cluster and writes down what is done, in order. */
function follow(onCluster?: () => Promise<never>) {
  const did: string[] = [];
  const note = async (what: string) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    did.push(what);
  };
  const started = async () => {
    await note("controllers start");
    return { [Symbol.asyncDispose]: () => note("controllers end") };
  };
  const followed = followKubeContext({ cluster, empty: () => note("empty") }, onCluster ?? started);
  return { did, followed };
}

it("is there while EKS has it, and finds nothing of the one before when it is made again", async () => {
  const { did, followed } = follow();
  expect(followed.find("slipway-dev")).toBeUndefined();
  followed.changed("created");
  await expect.poll(() => followed.find("slipway-dev")).toBe(cluster);
  expect(followed.find("other")).toBeUndefined();
  followed.changed("deleted");
  followed.changed("created");
  await followed[Symbol.asyncDispose]();
  const start = "controllers start";
  expect(did).toEqual([start, "controllers end", "empty", start, "controllers end"]);
  expect(followed.find("slipway-dev")).toBeUndefined();
  expect(followed.problems).toEqual([]);
});

it("keeps what went wrong, and goes on", async () => {
  const { did, followed } = follow(() => Promise.reject(new Error("no subnets")));
  followed.changed("created");
  followed.changed("deleted");
  await followed[Symbol.asyncDispose]();
  expect(followed.problems).toEqual(["Cluster slipway-dev: no subnets"]);
  expect(did).toEqual(["empty"]);
});
