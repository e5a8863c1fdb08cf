import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A socket that forwards to an engine's socket, so that one test can stop it while others use the engine. */
export type EngineRelay = {
  readonly path: string;
  readonly start: () => Promise<void>;
  /** Closes all connections, and refuses new ones. */
  readonly stop: () => void;
};

/** `onRequest` gets the bytes of each client before the engine gets them. */
export const engineRelay = async (
  engine: string,
  onRequest: (text: string) => void = () => {},
): Promise<EngineRelay> => {
  const folder = mkdtempSync(join(tmpdir(), "engine-relay-"));
  const path = join(folder, "engine.sock");
  const open = new Set<Socket>();
  let server: Server | null = null;
  const start = async (): Promise<void> => {
    server = createServer((client) => {
      const onward = connect(engine);
      client.on("data", (sent: Buffer) => onRequest(sent.toString("latin1")));
      client.pipe(onward).pipe(client);
      for (const socket of [client, onward]) {
        open.add(socket);
        socket.on("error", () => {});
        socket.once("close", () => {
          open.delete(socket);
          client.destroy();
          onward.destroy();
        });
      }
    });
    server.listen(path);
    await once(server, "listening");
  };
  const stop = (): void => {
    server?.close();
    for (const socket of open) socket.destroy();
  };
  await start();
  onTestFinished(() => {
    stop();
    rmSync(folder, { recursive: true });
  });
  return { path, start, stop };
};
