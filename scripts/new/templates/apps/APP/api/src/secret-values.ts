import { randomBytes } from "node:crypto";

/** New passwords: made once, in the cluster, and known to nobody outside it. */
export function secretValues(): Record<string, string> {
  // if cache
  const cache = password();
  // end
  return {
    "database-password": password(),
    // if cache
    "cache-password": cache,
    // Redis reads its users from a file, so that the password is in no process list.
    "users.acl": `user default on >${cache} ~APP:* resetchannels +@all -@dangerous +info\n`,
    // end
  };
}

function password(): string {
  return randomBytes(24).toString("base64url");
}
