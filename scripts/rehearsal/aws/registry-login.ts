import { randomBytes } from "node:crypto";
import { type AwsResponse, writeError } from "./proxy/aws-errors.ts";
import type { AwsOperation } from "./proxy/aws-operations.ts";

/** ECR's tokens are valid for 12 hours. */
const lifetime = 12 * 60 * 60 * 1000;

/** Who may use the image registry: whoever has asked ECR for a token. */
export class RegistryLogin {
  /** The registry's address, as ECR names it to clients. */
  readonly endpoint: string;
  readonly #tokens = new Map<string, number>();

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** A new token in ECR's form: `AWS:<password>` in base64. */
  issue(): string {
    const token = Buffer.from(`AWS:${randomBytes(48).toString("base64url")}`).toString("base64");
    this.#tokens.set(token, Date.now() + lifetime);
    return token;
  }

  /** Whether a request's Authorization header holds a token that is still valid. */
  accepts(authorization = ""): boolean {
    const [scheme, token = ""] = authorization.split(" ");
    return scheme?.toLowerCase() === "basic" && (this.#tokens.get(token) ?? 0) > Date.now();
  }

  /** What ECR's registry answers without a valid token; clients then log in with the scheme that it names. */
  refusal(operation: AwsOperation): AwsResponse {
    const answer = writeError(operation, { code: "UNAUTHORIZED", message: "Not Authorized", status: 401 });
    const challenge = `Basic realm="${this.endpoint}/",service="ecr.amazonaws.com"`;
    return { ...answer, headers: { ...answer.headers, "www-authenticate": challenge } };
  }
}
