import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { close, freePort, listen } from "../tools/listening.ts";
import { startTcpProxy } from "./tcp-proxy.ts";

/** Starts a server and a proxy before it. */
async function proxied(serve: (socket: Socket) => void): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  const port = await listen(server);
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: 0, target: async () => ({ host: "127.0.0.1", port }) });
  onTestFinished(async () => {
    await proxy.stop();
    for (const socket of sockets) socket.destroy();
    await close(server);
  });
  return proxy;
}

/** All that a socket receives until its other side ends. An iteration over the socket would end both halves. */
async function buffer(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}

const dial = (port: number) => connect({ host: "127.0.0.1", port, allowHalfOpen: true });
const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("every byte arrives, both ways at once, also at a reader that is slow to begin", async () => {
  const [sent, answered] = [randomBytes(8 * 1024 * 1024), randomBytes(8 * 1024 * 1024)];
  const received = Promise.withResolvers<Buffer>();
  const { port } = await proxied((socket) => {
    socket.end(answered);
    setTimeout(() => received.resolve(buffer(socket)), 300);
  });
  const client = dial(port);
  client.end(sent);
  expect(digest(await buffer(client))).toBe(digest(answered));
  expect(digest(await received.promise)).toBe(digest(sent));
});

test("the client ends its half first, and is answered then", async () => {
  const { port } = await proxied((socket) => {
    void buffer(socket).then((all) => socket.end(`got ${all.toString()}`));
  });
  const client = dial(port);
  client.end("hello");
  expect((await buffer(client)).toString()).toBe("got hello");
});

test("the server ends its half first, and what the client says then arrives", async () => {
  const received = Promise.withResolvers<Buffer>();
  const { port } = await proxied((socket) => {
    socket.end("done");
    received.resolve(buffer(socket));
  });
  const client = dial(port);
  expect((await buffer(client)).toString()).toBe("done");
  client.end("after the end");
  expect((await received.promise).toString()).toBe("after the end");
});

test("a target that refuses, and one that breaks off, reset the client's connection", async () => {
  const port = await freePort();
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: 0, target: async () => ({ host: "127.0.0.1", port }) });
  onTestFinished(() => proxy.stop());
  const refused = dial(proxy.port);
  await expect(once(refused, "data")).rejects.toMatchObject({ code: "ECONNRESET" });

  const breaking = await proxied((socket) => {
    socket.write("some", () => socket.resetAndDestroy());
  });
  const broken = dial(breaking.port);
  await expect(buffer(broken)).rejects.toMatchObject({ code: "ECONNRESET" });

  const unknown = await startTcpProxy({ host: "127.0.0.1", port: 0, target: () => Promise.reject(new Error("none")) });
  onTestFinished(() => unknown.stop());
  await expect(once(dial(unknown.port), "data")).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("a client that breaks off takes its connection to the target with it", async () => {
  const failed = Promise.withResolvers<string | undefined>();
  const { port } = await proxied((socket) => {
    socket.on("error", (error: NodeJS.ErrnoException) => failed.resolve(error.code));
    socket.write("hello");
  });
  const client = dial(port);
  await once(client, "data");
  client.resetAndDestroy();
  expect(await failed.promise).toBe("ECONNRESET");
});

test("five hundred connections at once are all answered", async () => {
  const { port } = await proxied((socket) => socket.pipe(socket));
  const ask = async (index: number) => {
    const client = dial(port);
    client.end(`number ${index}`);
    return (await buffer(client)).toString();
  };
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => ask(index)));
  expect(answers).toEqual(Array.from({ length: 500 }, (_, index) => `number ${index}`));
});

test("stopping closes the listener and what is open", async () => {
  const { port, stop } = await proxied((socket) => socket.write("hello"));
  const client = dial(port);
  await once(client, "data");
  const ended = once(client, "end");
  client.resume();
  await stop();
  await stop();
  await ended;
  client.destroy();
  await expect(once(dial(port), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
