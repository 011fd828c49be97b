import type { AwsCredentialProvider } from "../lib/aws/credentials.ts";
import { architectureOfImages, type Config, environmentOf } from "../lib/config/config.ts";
import { allSettledOrThrow } from "../lib/core/concurrency.ts";
import { checkContexts } from "../lib/context/materialize.ts";
import { discoverImages, type Image } from "../lib/images/image.ts";
import { describeMoving, findMovingImages, refreshPeriod } from "../lib/images/moving.ts";
import { refuseDeepDockerfiles } from "../lib/images/stray.ts";
import { refuseVersionJump } from "../lib/kubernetes/version-step.ts";
import { refuseEnded } from "../lib/lifecycle/lease.ts";
import { openRegistry, type Registry } from "../lib/images/registry.ts";
import { code, safe, type Markdown, markdownTable, paragraphs, text } from "../lib/core/markdown.ts";
import { formatBytes } from "../lib/core/summary.ts";
import { checkRevision } from "../lib/rules/check.ts";
import type { Exception } from "../lib/rules/exceptions.ts";
import type { Render } from "../lib/rules/render.ts";
import { type Destroyed, destroyedUnasked, describeDestroyed } from "../lib/terraform/destroyed.ts";
import { needsApply } from "../lib/terraform/fingerprint.ts";

/** An image that is in the registry under its content key, so that nothing has to be built. */
export interface AdoptedImage extends Image {
  digest: string;
  /** Compressed, in bytes. */
  size: number;
  pushedAt: Date;
}

/** What has to be built for a revision; every image is in exactly one of the lists. */
export interface PlannedImages {
  build: Image[];
  adopt: AdoptedImage[];
}

/** What a delivery of a revision to an environment has to do. */
export interface DeliveryPlan extends PlannedImages {
  /** Every image of the revision, by name. */
  images: Image[];
  environment: string;
  /** Whether the Terraform root `environment` must be applied, or Argo CD installed in its cluster. */
  infra: boolean;
  /** Whether the Terraform root `registry` must be applied. */
  registry: boolean;
  /** The rules that overlays of this environment are excused from. */
  exceptions: Exception[];
  /** The names of the images that build on a tag which can move. */
  moving: string[];
  /** The period in those images' keys, which all jobs of the run use; left out when `build.refresh` is `never`. */
  period?: string;
  /** The environment was destroyed, and this run is of a push: nothing is to be done. */
  away?: Destroyed;
}

/** What is planned, and who asks. */
export interface PlanOptions {
  /** The repository's root folder. */
  repository: string;
  revision: string;
  config: Config;
  /** A name under `environments` of slipway.yaml. */
  environment: string;
  credentials: AwsCredentialProvider;
  /** Renders the overlays; kubectl does when left out. */
  render?: Render;
}

/**
 * Finds the images of a revision, asks ECR for them, asks the state bucket what was applied and installed, and holds the
 * apps that would be delivered against the rules.
 *
 * @throws SlipwayError as `discoverImages`, `planImages`, `findMovingImages`, `needsApply`, `refuseVersionJump` and `checkRevision` do, or with reason `lease-ended` when the
 * environment is there only until it is taken away
 */
export async function planDelivery(options: PlanOptions): Promise<DeliveryPlan> {
  const { repository, revision, config, environment, credentials } = options;
  environmentOf(config, environment);
  const period = refreshPeriod(config.build.refresh, new Date());
  const architecture = architectureOfImages(config);
  const images = await discoverImages(repository, revision, process.env, { period, architecture });
  const question = { ...options, images: images.map((image) => image.name) };
  const destroyed = await destroyedUnasked(options);
  if (destroyed)
    return {
      build: [],
      adopt: [],
      images,
      moving: [],
      environment,
      infra: false,
      registry: false,
      exceptions: [],
      away: destroyed,
    };
  refuseEnded(config, environment, new Date());
  const ecr = await openRegistry({ ...config.aws, project: config.project, credentials });
  const [exceptions, plan, moving, infra, registry] = await allSettledOrThrow([
    checkRevision({ ...options, images }),
    planImages(repository, revision, images, ecr),
    findMovingImages(repository, images, revision),
    needsApply({ ...question, root: "environment" }),
    needsApply({ ...question, root: "registry" }),
  ]);
  if (infra) await refuseVersionJump(options);
  return { ...plan, images, moving, ...(period && { period }), environment, infra, registry, exceptions };
}

/**
 * Sorts images into those that the registry lacks and those that it has. The registry is the record of what was built:
 * nothing is compared with an earlier commit, so an image whose build failed is asked for until it is there.
 *
 * @param images what `discoverImages` found at `revision`
 * @throws SlipwayError when the registry cannot be asked, or an image that must be built has a submodule in its context,
 * or an image's folder holds another Dockerfile deeper in it
 */
export async function planImages(
  repository: string,
  revision: string,
  images: readonly Image[],
  registry: Pick<Registry, "find">,
): Promise<PlannedImages> {
  const [present] = await Promise.all([registry.find(images), refuseDeepDockerfiles(repository, images, revision)]);
  const build: Image[] = [];
  const adopt: AdoptedImage[] = [];
  for (const image of images) {
    const found = present.get(image.name);
    if (found?.key === image.key)
      adopt.push({ ...image, digest: found.digest, size: found.size, pushedAt: found.pushedAt });
    else build.push(image);
  }
  await checkContexts(repository, build, revision);
  return { build, adopt };
}

/** A content key as tables show it. */
export const shortKey = (key: string) => key.slice(0, 12);

/** The plan as a job summary, in Markdown. */
export function planSummary(plan: DeliveryPlan): Markdown {
  if (plan.away) {
    const { message, next } = describeDestroyed(plan.environment, plan.away);
    return safe`### Plan: nothing is delivered\n\n${text(message)} ${text(next)}`;
  }
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const rows = [
    ...plan.build.map(({ name, key }) => [text(name), safe`**build**`, code(shortKey(key)), safe`not in the registry`]),
    ...plan.adopt.map(({ name, key, size, pushedAt }) => [
      text(name),
      safe`adopt`,
      code(shortKey(key)),
      safe`in the registry since ${text(pushedAt.toISOString().slice(0, 16).replace("T", " "))} UTC (${text(formatBytes(size))})`,
    ]),
  ].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  const moving = describeMoving(plan.moving, plan.period);
  const apply = (needed: boolean) => (needed ? safe`**apply**` : safe`nothing to do`);
  return paragraphs(
    safe`### Plan: ${text(count(plan.build.length, "image"))} to build, ${plan.adopt.length} adopted`,
    rows.length > 0
      ? markdownTable(["Image", "Plan", "Content key", "Why"], rows)
      : safe`There is no image: no ${code("apps/<app>/<component>/Dockerfile")} is committed.`,
    moving ? text(moving) : safe``,
    markdownTable(
      ["Infrastructure", "Plan"],
      [
        [safe`registry`, apply(plan.registry)],
        [safe`environment (${text(plan.environment)})`, apply(plan.infra)],
      ],
    ),
    exceptionTable(plan.exceptions),
  );
}

/** The exceptions as a table, so that none is forgotten; nothing when there is none. */
function exceptionTable(exceptions: readonly Exception[]): Markdown {
  if (exceptions.length === 0) return safe``;
  const rows = exceptions.map(({ app, rule, reason, faults }) => [
    text(app),
    code(rule),
    text(reason, 300),
    faults === 0 ? safe`nothing: remove it` : faults,
  ]);
  return markdownTable(["Exception of", "Rule", "Reason", "Faults that it excuses"], rows);
}
