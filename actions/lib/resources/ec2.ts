import type { EC2, Tag } from "@aws-sdk/client-ec2";
import { tagsOf } from "./ownership.ts";
import { type Described, defineKind, type ResourceKind, type KindName, type Resource } from "./resource.ts";
import { type Scope } from "./scope.ts";

/** How EC2 lists, describes and deletes one kind of resource. */
export interface Ec2Source<Item> {
  name: KindName;
  title: string;
  /** What its ARNs have before the id, for example `volume`. */
  type: string;
  /** EC2's codes for an id that there is not. */
  gone: readonly string[];
  list(ec2: EC2, scope: Scope): AsyncIterable<readonly Item[]>;
  get(ec2: EC2, id: string): Promise<readonly Item[] | undefined>;
  describe(item: Item, scope: Scope): Ec2Description;
  remove(ec2: EC2, id: string, resource: Resource): Promise<unknown>;
}

/** What EC2 tells of one resource. */
export interface Ec2Description extends Omit<Described, "id" | "name" | "marks"> {
  /** EC2's own id. */
  id: string | undefined;
  /** When it has a name besides the tag `Name`. */
  name?: string | undefined;
  tags?: Tag[] | undefined;
  vpc?: string | undefined;
}

/** As many as every one of EC2's lists gives at once; those that give fewer say so. */
export const pageSize = 1000;

/** Makes a kind of what EC2 can do. */
export function ec2Kind<Item>(source: Ec2Source<Item>): ResourceKind {
  return defineKind<EC2, Item>({
    name: source.name,
    title: source.title,
    arn: { service: "ec2", resource: new RegExp(`^${source.type}/(.+)$`) },
    open: async (settings) => new (await import("@aws-sdk/client-ec2")).EC2(settings),
    list: source.list.bind(source),
    get: async (ec2, id) => (await source.get(ec2, id))?.[0],
    gone: source.gone,
    describe(item, scope) {
      const { id = "", tags: list = [], vpc, name, ...rest } = source.describe(item, scope);
      const tags = tagsOf(list);
      const { account, region } = scope;
      return {
        ...rest,
        id: `arn:aws:ec2:${region}:${account}:${source.type}/${id}`,
        name: name ?? (tags.Name ? `${tags.Name} (${id})` : id),
        marks: { tags, vpc },
      };
    },
    remove: source.remove.bind(source),
  });
}
