import type { IncomingHttpHeaders } from "node:http";
import type { Repair } from "../aws/repair.ts";

/** Whoever signs with a key that no role's session has, for example the account's owner. */
const nobody = undefined;

/** Knows which role makes a request: STS says whose session each access key is, and ECR whose login each token is. */
export class Callers {
  readonly #byKey: Map<string, string>;
  readonly #byLogin = new Map<string, string>();

  /** @param sessions the roles of access keys that STS has not given out, in a test that takes on no role */
  constructor(sessions: Readonly<Record<string, string>> = {}) {
    this.#byKey = new Map(Object.entries(sessions));
  }

  /** The name of the role that makes a request; undefined for whoever has none. */
  roleOf({ authorization = "" }: IncomingHttpHeaders): string | undefined {
    const key = /Credential=([^/,\s]+)/.exec(authorization)?.[1];
    if (key !== undefined) return this.#byKey.get(key);
    const [scheme, token = ""] = authorization.split(" ");
    return scheme?.toLowerCase() === "basic" ? this.#byLogin.get(token) : nobody;
  }

  /** Learns from the answers of STS and ECR, and changes none. */
  repair(): Repair {
    return {
      name: "callers",
      operations: ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "ecr:GetAuthorizationToken"],
      mend: ({ operation, body, answer, role }) => {
        const text = answer.body.toString();
        if (operation.service === "sts") {
          const name = /role\/(?:.*\/)?(.+)$/.exec(new URLSearchParams(body).get("RoleArn") ?? "")?.[1];
          const key = /<AccessKeyId>([^<]+)</.exec(text)?.[1];
          if (name && key) this.#byKey.set(key, name);
        } else if (role !== undefined) {
          const token = /"authorizationToken":\s*"([^"]+)"/.exec(text)?.[1];
          if (token) this.#byLogin.set(token, role);
        }
        return undefined;
      },
    };
  }
}
