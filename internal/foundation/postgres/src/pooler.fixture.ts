import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The name of a server's socket in its folder. */
const socketName = ".s.PGSQL.5432";

/** `transaction`: a session of the server for each transaction. `session`: one for each client. */
export type PoolerMode = "transaction" | "session";

/** A session of the server. `owner` is the client that has it now. */
type Backend = { readonly socket: Socket; owner: Client | null };

/** A client, and what it sent while it has no session. */
type Client = { readonly socket: Socket; backend: Backend | null; readonly waiting: Buffer[] };

/**
 * A pooler before a server of this machine that asks for no password: like PgBouncer it names process ids of
 * its own. It opens a session of the server for each client. For a transaction it gives out the one that was
 * used last, or with `takes: "first"` the one that waits longest. Returns the address to connect to.
 */
export const pooler = (url: string, mode: PoolerMode, takes: "last" | "first" = "last"): string => {
  const address = new URL(url.replace("@/", "@localhost/"));
  const upstream = join(address.searchParams.get("host") ?? "", socketName);
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-pooler-"));
  const free: Backend[] = [];
  const sockets: Socket[] = [];
  let count = 0;

  const give = (client: Client, backend: Backend): void => {
    backend.owner = client;
    client.backend = backend;
    for (const bytes of client.waiting.splice(0)) backend.socket.write(bytes);
  };

  /** Passes on what the server says, after a greeting with a process id of our own. */
  const listen = (backend: Backend, greeted: (greeting: Buffer) => void): void => {
    let rest = Buffer.alloc(0);
    let greeting: Buffer[] | null = [];
    const receive = (message: Buffer): void => {
      const type = String.fromCharCode(message[0] ?? 0);
      if (greeting === null) {
        backend.owner?.socket.write(message);
        // ReadyForQuery outside of a transaction.
        if (mode === "transaction" && type === "Z" && message[5] === "I".charCodeAt(0)) release(backend);
        return;
      }
      if (type === "K") message.writeUInt32BE((count += 1), 5);
      greeting.push(message);
      if (type !== "Z") return;
      greeted(Buffer.concat(greeting));
      greeting = null;
    };
    backend.socket.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
        const size = rest.readUInt32BE(1) + 1;
        const message = rest.subarray(0, size);
        rest = rest.subarray(size);
        receive(message);
      }
    });
  };
  const release = (backend: Backend): void => {
    if (backend.owner !== null) backend.owner.backend = null;
    backend.owner = null;
    free.push(backend);
  };

  const server = createServer((socket) => {
    sockets.push(socket);
    const client: Client = { socket, backend: null, waiting: [] };
    let isGreeted = false;
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      // Terminate ends the client, not the shared session.
      if (isGreeted && bytes[0] === 0x58) return void socket.end();
      if (!isGreeted) {
        isGreeted = true;
        const backend: Backend = { socket: connect(upstream), owner: null };
        sockets.push(backend.socket);
        backend.socket.on("error", () => undefined);
        listen(backend, (ready) => {
          if (mode === "session") give(client, backend);
          else free.push(backend);
          socket.write(ready);
        });
        return void backend.socket.write(bytes);
      }
      client.waiting.push(bytes);
      const backend = client.backend ?? (takes === "last" ? free.pop() : free.shift());
      if (backend !== undefined) give(client, backend);
    });
    socket.on("close", () => {
      if (mode === "session") client.backend?.socket.destroy();
    });
  });
  server.listen(join(folder, socketName));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  address.searchParams.set("host", folder);
  return address.href;
};
