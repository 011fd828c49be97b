import { randomBytes } from "node:crypto";

/** New passwords for the database and the cache: made once, in the cluster, and known to nobody outside it. */
export function secretValues(): Record<"database-password" | "cache-password" | "users.acl", string> {
  const cache = password();
  return {
    "database-password": password(),
    "cache-password": cache,
    // Redis reads its users from a file, so that the password is in no process list.
    "users.acl": `user default on >${cache} ~visits:* resetchannels +@all -@dangerous +info\n`,
  };
}

function password(): string {
  return randomBytes(24).toString("base64url");
}
