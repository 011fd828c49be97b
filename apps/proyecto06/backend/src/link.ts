import { linkPath, OneTimeLinks } from "@slipway/kit";
import { runCommand } from "./command.ts";

// A new way in for whoever may run a command in the cluster.
await runCommand("proyecto06-link", {}, async ({ pool }) => {
  const token = await new OneTimeLinks(pool).create();
  process.stdout.write(`${linkPath(token)}\n`);
});
