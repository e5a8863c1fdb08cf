import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startStandIn } from "../launches/stand-in.ts";

/** The models' API on loopback, which tells when a text reaches it. */
export type ModelClock = {
  readonly address: string;
  /** Resolves with the time at which the first request with this text had arrived. */
  readonly arrival: (text: string) => Promise<number>;
  readonly stop: () => Promise<void>;
};

type Waiting = Map<string, (at: number) => void>;

/** Starts the stand-in, and a server in this process before it, whose clock is that of the measurement. */
export const startModelClock = async (): Promise<ModelClock> => {
  const standIn = await startStandIn();
  const waiting: Waiting = new Map();
  const server = createServer((request, response) => void pass(standIn.address, waiting, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrival: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await standIn.stop();
    },
  };
};

const pass = async (
  address: string,
  waiting: Waiting,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    // Its client was stopped.
    return;
  }
  const body = Buffer.concat(parts);
  const at = performance.now();
  for (const [text, resolve] of waiting)
    if (body.includes(text)) {
      waiting.delete(text);
      resolve(at);
    }
  const { method, headers, url } = request;
  const onward = send(`${address}${url}`, { method, headers, agent: false }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  onward.on("error", () => response.destroy());
  onward.end(body);
};
