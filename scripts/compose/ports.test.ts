import { createServer } from "node:net";
import { expect, it } from "vitest";
import { close, freePort, listen } from "../rehearsal/tools/listening.ts";
import { type PublishedPort, refuseTakenPorts } from "./ports.ts";

const portOf = (app: string, service: string, port: number): PublishedPort => {
  return { app, workload: service, service, port, target: 8080, public: true, address: `http://127.0.0.1:${port}/` };
};

it("refuses what another program, another app or the numbers do not allow, all at once", async () => {
  const server = createServer();
  const taken = await listen(server);
  const free = await freePort();
  try {
    const wanted = [
      portOf("demo", "demo-web", taken),
      portOf("demo", "demo-api", 1),
      portOf("demo", "demo-db", 70_000),
    ];
    const refusal = refuseTakenPorts(wanted, new Map([[1, "guests"]]));
    await expect(refusal).rejects.toThrow(
      `Port ${taken}, which demo-web of demo needs, belongs to another program.\n` +
        "Port 1, which demo-api of demo needs, belongs to guests.\n" +
        "demo-db of demo would get port 70000, and 65535 is the last.",
    );
    const twice = refuseTakenPorts([portOf("demo", "demo-web", free), portOf("chat", "chat-web", free)], new Map());
    await expect(twice).rejects.toThrow(`Port ${free}, which chat-web of chat needs, belongs to demo-web of demo.`);
    await refuseTakenPorts([portOf("demo", "demo-web", taken)], new Map([[taken, "demo"]]));
    await refuseTakenPorts([portOf("demo", "demo-web", free)], new Map());
  } finally {
    await close(server);
  }
});
