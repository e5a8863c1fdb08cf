import { once } from "node:events";
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { startProgram } from "../programs.ts";

const standInProgram = fileURLToPath(
  new URL("../../../../test-fixtures/programs/model-stand-in.mjs", import.meta.url),
);

/** The models' API on loopback, which tells when a text reaches it. */
export type ModelClock = {
  readonly address: string;
  /** The time from a message to the request with it, ms. Resolves after the answer. */
  readonly toRequest: (say: (text: string) => Promise<unknown>) => Promise<number>;
  readonly stop: () => Promise<void>;
};

type Waiting = Map<string, (at: number) => void>;

/** Starts the stand-in, and a server in this process before it, whose clock is that of the measurement. */
export const startModelClock = async (): Promise<ModelClock> => {
  const standIn = await startProgram([standInProgram]);
  const waiting: Waiting = new Map();
  const server = createServer(
    (request, response) => void pass(standIn.printed.trim(), waiting, request, response),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let said = 0;
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    toRequest: async (say) => {
      const text = `word-${(said += 1)}-end`;
      const arrived = new Promise<number>((resolve) => waiting.set(text, resolve));
      const startedAt = performance.now();
      const answered = say(text);
      const at = await Promise.race([arrived, answered.then(() => null)]);
      await answered;
      if (at === null) throw new Error("There was an answer without a request.");
      return at - startedAt;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await standIn.stop();
    },
  };
};

/** Notes the arrival of a request with an expected text, and passes the request on to the stand-in. */
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
