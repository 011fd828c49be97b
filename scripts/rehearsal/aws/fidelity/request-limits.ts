import { commonError } from "../proxy/aws-errors.ts";
import type { EmulatorPatch } from "../emulator/patch.ts";
import type { AwsDay } from "./day.ts";

/**
 * How many tokens a bucket holds, and how many come back in a second. EC2's own are 100 and 20 for what reads, 50 and 5
 * for what changes, for each operation; here they are lower, so that few requests meet the limit. Of the other services
 * only some tell theirs.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const reads = { size: 5, rate: 5 };
const changes = { size: 2, rate: 2 };

/** Services whose requests are limited. S3 allows thousands a second, and so does the image registry. */
const limited = ["ec2", "ecr", "eks", "elasticloadbalancing", "iam", "kms", "logs", "sts", "tagging"];

/** Tokens that come back with the time. */
class Bucket {
  readonly #limit: { size: number; rate: number };
  #tokens: number;
  #at = Date.now();

  constructor(limit: { size: number; rate: number }) {
    this.#limit = limit;
    this.#tokens = limit.size;
  }

  /** Takes a token. @returns whether there was one */
  take(): boolean {
    const now = Date.now();
    this.#tokens = Math.min(this.#limit.size, this.#tokens + ((now - this.#at) / 1000) * this.#limit.rate);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Each operation of an account has a bucket in each region; a request that finds none of its tokens is refused. */
export function requestLimits(day: AwsDay): EmulatorPatch {
  const buckets = new Map<string, Bucket>();
  return {
    name: "request-limits",
    operations: limited.map((service) => `${service}:*`),
    refuse(request) {
      const { service, action, region, mutating } = request.operation;
      const key = `${region} ${service}:${action}`;
      const bucket = buckets.get(key) ?? new Bucket(mutating ? changes : reads);
      buckets.set(key, bucket);
      if (bucket.take()) return Promise.resolve(undefined);
      day.hit("request-limit", request);
      return Promise.resolve(commonError("throttle", request.operation));
    },
  };
}
