import { expect, it } from "vitest";
import { readLoad } from "./load.ts";

const report = `Running 2s test @ http://127.0.0.1/
  1 threads and 20 connections
  1234 requests in 2.00s, 0.40MB read
`;

it("counts what wrk sent and what failed", () => {
  expect(readLoad(report)).toEqual({ requests: 1234, failed: 0 });
  const broken = `${report}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n`;
  expect(readLoad(broken)).toEqual({ requests: 1234, failed: 15 });
  expect(() => readLoad("unable to connect")).toThrow("wrk sent nothing");
});
