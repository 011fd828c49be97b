/**
 * Git's `post-receive` hook of the world's repository: reports the push to the git server that started it and prints
 * what the server says about it, line by line. Usage: node post-receive.ts URL < "<before> <after> <ref>" lines
 */
import { request } from "node:http";

const url = process.argv[2] ?? "";
const headers = { authorization: `Bearer ${process.env.SLIPWAY_PUSH_TOKEN}` };
// Not fetch(): it gives up when nothing is said for five minutes.
const report = request(url, { method: "POST", headers }, (response) => response.pipe(process.stdout));
report.on("error", (error) => {
  console.log(`The push is in, but the rehearsal's runner cannot be told: ${error.message}`);
});
process.stdin.pipe(report);
