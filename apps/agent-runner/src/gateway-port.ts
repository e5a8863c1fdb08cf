import { once } from "node:events";
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import { Socket, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { fail, ok, shellWord, systemCode, type Result } from "@gatehouse/std";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { writeAnew } from "./files.ts";
import type { Gateway } from "./provider.ts";

/** Opens a stream to the gateway: a Unix socket's, or one of TLS. */
export type ConnectToGateway = () => Duplex;

/** The host's gateway, and how the agent's CLI reaches it. */
export type OpenGateway = Gateway & { readonly close: () => Promise<void> };

/**
 * Opens the port for the agent's CLI, and writes its token into the workload's folder, where the CLI reads it. The
 * token opens nothing but the gateway. The error is a sentence.
 */
export const openGateway = async (
  folder: string,
  { connect, token }: { readonly connect: ConnectToGateway; readonly token: string },
): Promise<Result<OpenGateway, string>> => {
  const file = join(folder, "out", "gateway-token");
  try {
    await writeAnew(file, gatewayTokenOf(token));
  } catch (error) {
    return fail(`${file} cannot be written (${systemCode(error)}).`);
  }
  const port = await openGatewayPort(connect);
  return port.ok ? ok({ ...port.value, tokenCommand: `cat ${shellWord(file)}`, tokenFile: file }) : port;
};

/** A port of the loopback by which an agent's CLI reaches the gateway of the models. */
export type GatewayPort = {
  /** The base address for the CLI: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Cuts all requests. */
  readonly close: () => Promise<void>;
};

/** Headers between two neighbours (RFC 9110, 7.6.1); the other side sets its own. */
const hopByHop: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
]);

/**
 * Listens on a free port of the loopback, and passes each request to the gateway, both ways as it
 * comes. It adds no token: the CLI sends its own, and the gateway checks it. The error is a sentence.
 */
export const openGatewayPort = async (connect: ConnectToGateway): Promise<Result<GatewayPort, string>> => {
  const server = createServer((request, response) => {
    // A page in a browser may reach the port under a name of its own (DNS rebinding).
    if (names.has(request.headers.host ?? "")) pass(connect, request, response);
    else answer(response, 421, "This port answers only to its own address.");
  });
  // A long answer of a model, and a large request, have no time limit here: the gateway has it.
  Object.assign(server, { requestTimeout: 0, timeout: 0 });
  const names = new Set<string>();
  try {
    const port = await listen(server);
    for (const name of ["127.0.0.1", "localhost"]) names.add(`${name}:${port}`);
    return ok({
      url: `http://127.0.0.1:${port}`,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    });
  } catch (error) {
    return fail(`No port for the gateway can be opened (${systemCode(error)}).`);
  }
};

const listen = (server: ReturnType<typeof createServer>): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

const pass = (connect: ConnectToGateway, request: IncomingMessage, response: ServerResponse): void => {
  const { method, url: path, headers } = request;
  const onward = send({
    method,
    path,
    headers: endToEnd(headers),
    createConnection: (_options, created) => {
      dial(connect).then(
        (made) => created(null, made),
        (error: Error) => created(error, new Socket()),
      );
      return null;
    },
  });
  onward
    .once("response", (reply) => {
      response.writeHead(reply.statusCode ?? 502, endToEnd(reply.headers));
      response.flushHeaders();
      // A cut answer has to look cut at the CLI too, or it takes the part for the whole.
      reply.once("close", () => void (reply.complete || response.destroy())).pipe(response);
    })
    .on("error", (error) => {
      if (response.headersSent) response.destroy();
      else answer(response, 502, `The gateway of the host cannot be reached (${systemCode(error)}).`);
    });
  response.once("close", () => onward.destroy());
  request.pipe(onward);
};

/** Pause before a gateway is dialled again, and the longest time for it, ms. */
const [againMs, busyMs] = [20, 5_000];

/** Connects to the gateway. While others fill the queue of its socket, Linux refuses with EAGAIN, and it is tried again. */
const dial = async (connect: ConnectToGateway): Promise<Duplex> => {
  const until = performance.now() + busyMs;
  for (;;) {
    const stream = connect();
    try {
      await once(stream, stream instanceof TLSSocket ? "secureConnect" : "connect");
      return stream;
    } catch (error) {
      if (systemCode(error) !== "EAGAIN" || performance.now() > until) throw error;
    }
    await pause(againMs);
  }
};

const endToEnd = (headers: IncomingMessage["headers"]): IncomingMessage["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

/** An error in a form that the CLIs of both vendors read. */
const answer = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ type: "error", error: { type: "api_error", message } }));
  response.req.resume();
};
