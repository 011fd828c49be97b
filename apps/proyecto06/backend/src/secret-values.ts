import { randomBytes } from "node:crypto";

/** The database's password and the key of the sessions' cookies: made once, in the cluster, and known to nobody outside. */
export function secretValues(): Record<"database-password" | "session-key", string> {
  const secret = (bytes: number) => randomBytes(bytes).toString("base64url");
  return { "database-password": secret(24), "session-key": secret(32) };
}
