import { patchJson, type EmulatorPatch } from "./emulator/patch.ts";

/** A cluster that runs elsewhere than in the emulator, which has only its record. */
export interface OuterCluster {
  /** Its name in EKS. Of any other cluster there is no more than the record. */
  name: string;
  /** Its API's address, and the authority that signed that one's certificate, PEM. */
  endpoint: string;
  certificateAuthority: string;
  /** Called when EKS has been told to make it, and to delete it. */
  changed: (state: "created" | "deleted") => void;
}

/** EKS says where a cluster's API is: https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html */
export function outerClusterPatch({ name, endpoint, certificateAuthority, changed }: OuterCluster): EmulatorPatch {
  const data = Buffer.from(certificateAuthority).toString("base64");
  return {
    name: "eks-outer-cluster",
    operations: ["eks:CreateCluster", "eks:DescribeCluster", "eks:DeleteCluster"],
    rewrite: ({ operation: { action }, answer }) =>
      patchJson(answer, (body) => {
        const cluster = body.cluster as { name: string };
        if (cluster.name !== name) return body;
        if (action === "CreateCluster") changed("created");
        if (action === "DeleteCluster") changed("deleted");
        return { ...body, cluster: { ...cluster, endpoint, certificateAuthority: { data } } };
      }),
  };
}
