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
      portOf("shop", "shop-web", taken),
      portOf("shop", "shop-api", 1),
      portOf("shop", "shop-db", 70_000),
    ];
    const refusal = refuseTakenPorts(wanted, new Map([[1, "visits"]]));
    await expect(refusal).rejects.toThrow(
      `Port ${taken}, which shop-web of shop needs, belongs to another program.\n` +
        "Port 1, which shop-api of shop needs, belongs to visits.\n" +
        "shop-db of shop would get port 70000, and 65535 is the last.",
    );
    const twice = refuseTakenPorts([portOf("shop", "shop-web", free), portOf("chat", "chat-web", free)], new Map());
    await expect(twice).rejects.toThrow(`Port ${free}, which chat-web of chat needs, belongs to shop-web of shop.`);
    await refuseTakenPorts([portOf("shop", "shop-web", taken)], new Map([[taken, "shop"]]));
    await refuseTakenPorts([portOf("shop", "shop-web", free)], new Map());
  } finally {
    await close(server);
  }
});
