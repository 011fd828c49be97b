import type { IncomingHttpHeaders } from "node:http";
import type { EmulatorPatch } from "../aws/emulator/patch.ts";

/** Who makes a request: nothing for whoever signs with a key that no role's session has, such as the account's owner. */
export interface Caller {
  /** The role's name. */
  role?: string;
  /** Its ARN, where STS gave out its session. */
  roleArn?: string;
}

/** Knows which role makes a request: STS says whose session each access key is, and ECR whose login each token is. */
export class Callers {
  readonly #byKey: Map<string, Caller>;
  readonly #byLogin = new Map<string, Caller>();

  /** @param sessions the roles of access keys that STS has not given out, in a test that takes on no role */
  constructor(sessions: Readonly<Record<string, string>> = {}) {
    this.#byKey = new Map(Object.entries(sessions).map(([key, role]) => [key, { role }]));
  }

  /** Who makes a request. */
  callerOf({ authorization = "" }: IncomingHttpHeaders): Caller {
    const key = /Credential=([^/,\s]+)/.exec(authorization)?.[1];
    if (key !== undefined) return this.#byKey.get(key) ?? {};
    const [scheme, token = ""] = authorization.split(" ");
    return (scheme?.toLowerCase() === "basic" ? this.#byLogin.get(token) : undefined) ?? {};
  }

  /** Learns from the answers of STS and ECR, and changes none. */
  patch(): EmulatorPatch {
    return {
      name: "callers",
      operations: ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "ecr:GetAuthorizationToken"],
      rewrite: ({ operation, body, answer, role, roleArn }) => {
        const text = answer.body.toString();
        if (operation.service === "sts") {
          const arn = new URLSearchParams(body).get("RoleArn") ?? "";
          const name = /role\/(?:.*\/)?(.+)$/.exec(arn)?.[1];
          const key = /<AccessKeyId>([^<]+)</.exec(text)?.[1];
          if (name && key) this.#byKey.set(key, { role: name, roleArn: arn });
        } else if (role !== undefined) {
          const token = /"authorizationToken":\s*"([^"]+)"/.exec(text)?.[1];
          if (token) this.#byLogin.set(token, { role, ...(roleArn !== undefined && { roleArn }) });
        }
        return undefined;
      },
    };
  }
}
