import { randomUUID } from "node:crypto";
import { type AwsResponse, writeError } from "../proxy/aws-errors.ts";
import type { AwsOperation } from "../proxy/aws-operations.ts";
import { addonVersions, refuseStep } from "./eks-versions.ts";
import { type Exchange, type Fields, patchJson, type EmulatorPatch } from "./patch.ts";

/**
 * What EKS was told and the emulator has not kept. Each resource has fields that are laid over the emulator's; a null
 * within a map, such as one tag, takes the entry away.
 */
class EksMemory {
  readonly #fields = new Map<string, Fields>();

  learn(resource: string, fields: Fields): void {
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    this.#fields.set(resource, overlay(this.#fields.get(resource) ?? {}, Object.fromEntries(known)));
  }

  knows(resource: string): boolean {
    return this.#fields.has(resource);
  }

  forget(resource: string): void {
    this.#fields.delete(resource);
  }

  /** The emulator's record with what it forgot. */
  complete(resource: string, record: Fields): Fields {
    return withoutNulls(overlay(record, this.#fields.get(resource) ?? {}));
  }
}

/** Fields of which an update may name a part; of every other field it names the whole. */
const partial = new Set(["labels", "tags", "resourcesVpcConfig", "scalingConfig", "accessConfig"]);

/** Fields of `over` on top of `under`. */
function overlay(under: Fields, over: Fields): Fields {
  const merged = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = under[name];
    merged[name] = partial.has(name) && isMap(value) && isMap(below) ? { ...below, ...value } : value;
  }
  return merged;
}

function withoutNulls(record: Fields): Fields {
  const entries = Object.entries(record).map(([name, value]) => [
    name,
    isMap(value) ? Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null)) : value,
  ]);
  return Object.fromEntries(entries) as Fields;
}

function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function cluster({ region }: AwsOperation, name = ""): string {
  return `${region}/cluster/${name}`;
}

function nodeGroup({ region }: AwsOperation, clusterName = "", name = ""): string {
  return `${region}/nodegroup/${clusterName}/${name}`;
}

/** The patches of EKS, in the order in which they are made: what a request says is learnt before answers are completed. */
export function eksPatches(): readonly EmulatorPatch[] {
  const memory = new EksMemory();
  return [
    upgradePolicy(memory),
    nodeGroupSettings(memory),
    updates(memory),
    tags(memory),
    records(memory),
    addonVersions(),
  ];
}

function json(text: string): Fields {
  return text ? (JSON.parse(text) as Fields) : {};
}

/**
 * A cluster has an upgrade policy, EXTENDED when none is asked for.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_UpgradePolicyResponse.html
 */
function upgradePolicy(memory: EksMemory): EmulatorPatch {
  return {
    name: "eks-upgrade-policy",
    operations: ["eks:CreateCluster"],
    rewrite({ operation, body, answer }) {
      if (answer.status >= 300) return undefined;
      const asked = json(body) as { name: string } & Fields;
      const { upgradePolicy: policy = { supportType: "EXTENDED" }, version } = asked;
      memory.learn(cluster(operation, asked.name), { upgradePolicy: policy, version });
      return undefined;
    },
  };
}

/**
 * A node group keeps its launch template and how it is updated: one node at a time when nothing else is asked for.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
 */
function nodeGroupSettings(memory: EksMemory): EmulatorPatch {
  return {
    name: "eks-node-group-settings",
    operations: ["eks:CreateNodegroup"],
    rewrite({ operation, body, answer }) {
      if (answer.status >= 300) return undefined;
      const asked = json(body) as { nodegroupName: string } & Fields;
      memory.learn(nodeGroup(operation, operation.path.clusterName ?? operation.path.name, asked.nodegroupName), {
        launchTemplate: asked.launchTemplate,
        updateConfig: asked.updateConfig ?? { maxUnavailable: 1 },
        labels: asked.labels,
      });
      return undefined;
    },
  };
}

/**
 * Clusters and node groups can be changed. The emulator has no such operations; that it says so, and not that the
 * caller may not, shows that the request is allowed.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_Update.html
 */
function updates(memory: EksMemory): EmulatorPatch {
  const made = new Map<string, Fields>();
  return {
    name: "eks-updates",
    operations: [
      "eks:UpdateClusterConfig",
      "eks:UpdateClusterVersion",
      "eks:UpdateNodegroupConfig",
      "eks:UpdateNodegroupVersion",
      "eks:UpdateAddon",
      "eks:DescribeUpdate",
    ],
    rewrite({ operation, body, answer }) {
      if (operation.action === "UpdateAddon" && answer.status < 300) {
        // The emulator makes this one, and then does not know it.
        const { update } = json(answer.body.toString()) as { update: { id: string } & Fields };
        made.set(update.id, { params: [], errors: [], ...update });
        return undefined;
      }
      if (!answer.body.toString().includes("No route for")) return undefined;
      const { name = "", clusterName = name, nodegroupName, updateId = "" } = operation.path;
      if (operation.action === "DescribeUpdate") {
        const update = made.get(updateId);
        return update ? success({ update }) : notFound(operation, `No update found for ID: ${updateId}`);
      }
      const resource = nodegroupName
        ? nodeGroup(operation, clusterName, nodegroupName)
        : cluster(operation, clusterName);
      if (!memory.knows(resource)) return notFound(operation, `No cluster found for name: ${clusterName}.`);
      const asked = json(body);
      if (operation.action === "UpdateClusterVersion") {
        const refused = refuseStep(memory.complete(resource, {}).version, asked.version);
        if (refused) return writeError(operation, refused);
      }
      // What an update of taints leaves depends on those that are there, which only the emulator knows.
      if (asked.taints) return undefined;
      memory.learn(resource, changes(asked));
      const update = {
        id: randomUUID(),
        status: "Successful",
        type: updateType(operation.action, asked),
        params: [],
        createdAt: Math.floor(Date.now() / 1000),
        errors: [],
      };
      made.set(update.id, update);
      return success({ update });
    },
  };
}

/** The fields that an update's request sets, in the form in which the resource has them. */
function changes({ clientRequestToken: _token, force: _force, labels, taints: _taints, ...fields }: Fields): Fields {
  if (!isMap(labels)) return fields;
  const removed = (labels.removeLabels ?? []) as string[];
  const nulls = Object.fromEntries(removed.map((name) => [name, null]));
  return { ...fields, labels: { ...(labels.addOrUpdateLabels as Fields | undefined), ...nulls } };
}

function updateType(action: string, asked: Fields): string {
  if (action.endsWith("Version")) return "VersionUpdate";
  if (asked.upgradePolicy) return "UpgradePolicyUpdate";
  if (asked.logging) return "LoggingUpdate";
  if (asked.accessConfig) return "AccessConfigUpdate";
  if (asked.resourcesVpcConfig) return "EndpointAccessUpdate";
  return "ConfigUpdate";
}

/**
 * Tags that are set or taken away later show in the resource itself.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html
 */
function tags(memory: EksMemory): EmulatorPatch {
  return {
    name: "eks-tags",
    operations: ["eks:TagResource", "eks:UntagResource"],
    rewrite({ operation, url, body, answer }) {
      if (answer.status >= 300) return undefined;
      const arn = operation.path.resourceArn ?? "";
      const keys = new URL(url, "http://localhost").searchParams.getAll("tagKeys");
      const removed = Object.fromEntries(keys.map((key) => [key, null]));
      memory.learn(arn, { tags: operation.action === "TagResource" ? json(body).tags : removed });
      return undefined;
    },
  };
}

/** The field that holds a resource in EKS's answers, and the field of the resource that holds its ARN. */
const arnFields = {
  cluster: "arn",
  nodegroup: "nodegroupArn",
  addon: "addonArn",
  accessEntry: "accessEntryArn",
  association: "associationArn",
} as const;

/** Lays what the other patches have learnt over every answer that holds a resource. */
function records(memory: EksMemory): EmulatorPatch {
  return {
    name: "eks-records",
    operations: ["eks:*"],
    rewrite({ operation, answer }: Exchange) {
      return patchJson(answer, (body) => {
        if (operation.action === "ListTagsForResource") return memory.complete(operation.path.resourceArn ?? "", body);
        const completed = { ...body };
        for (const [field, arnField] of Object.entries(arnFields)) {
          const record = body[field];
          if (!isMap(record)) continue;
          const own = resourceOf(operation, field, record);
          const arn = String(record[arnField]);
          completed[field] = memory.complete(arn, memory.complete(own, record));
          if (operation.action.startsWith("Delete")) for (const name of [own, arn]) memory.forget(name);
        }
        return completed;
      });
    },
  };
}

function resourceOf(operation: AwsOperation, field: string, record: Fields): string {
  if (field === "cluster") return cluster(operation, String(record.name));
  if (field === "nodegroup") return nodeGroup(operation, String(record.clusterName), String(record.nodegroupName));
  return "";
}

function success(body: object): AwsResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function notFound(operation: AwsOperation, message: string): AwsResponse {
  return writeError(operation, { code: "ResourceNotFoundException", message, status: 404 });
}
