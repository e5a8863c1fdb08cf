import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { AgentEnd } from "../../transport.ts";
import { frameIn, runnerFrame, versionOf, wireLimits } from "../../wire/frames.ts";
import { answerFrame } from "./answer-frame.ts";
import { sendFrame, sayBye } from "./send-frame.ts";

/** The path on which runners connect. Every other one is refused. */
export const runnerPath = "/runner";

export type RunnerServerOptions = {
  /**
   * The agent's side of the session that a token belongs to; null for a token that is unknown or over. `stream` is what
   * it came on.
   */
  readonly open: (token: string, stream: Duplex) => Promise<AgentEnd | null>;
  /** An error of ours while a connection was served. */
  readonly report: (error: unknown) => void;
};

export type RunnerServer = {
  /** Says to all runners that the host restarts, and ends their connections. */
  readonly close: () => void;
};

/** Time for the first frame, ms. */
const helloMs = 10_000;
/** Frames of one connection that wait for their turn. A runner has a few calls open at once. */
const mostWaiting = 64;

/** Serves runners on an HTTP server: one WebSocket for each. The newest connection of a token replaces the others. */
export const serveRunners = (server: Server, { open, report }: RunnerServerOptions): RunnerServer => {
  const sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: wireLimits.frameBytes, perMessageDeflate: false },
  });
  const byToken = new Map<string, WebSocket>();

  const welcome = async (socket: WebSocket, stream: Duplex, text: string): Promise<AgentEnd | null> => {
    const hello = frameIn(text, runnerFrame);
    if (hello?.type !== "hello") {
      sayBye(socket, "bad-frame", "The first frame has to be hello.");
      return null;
    }
    const version = versionOf(hello.versions);
    if (version === null) {
      sayBye(socket, "unknown-version", "The host speaks none of the runner's versions.");
      return null;
    }
    const agent = await open(hello.token, stream);
    if (agent === null) {
      sayBye(socket, "unknown-token", "The host does not know this token, or it is over.");
      return null;
    }
    const before = byToken.get(hello.token);
    byToken.set(hello.token, socket);
    if (before !== undefined) sayBye(before, "replaced", "The token is used by a newer connection.");
    socket.once("close", () => {
      if (byToken.get(hello.token) === socket) byToken.delete(hello.token);
    });
    sendFrame(socket, { type: "welcome", version });
    return agent;
  };

  sockets.on("connection", (socket: WebSocket, stream: Duplex) =>
    serveRunner(socket, (text) => welcome(socket, stream, text), report),
  );
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (request.url !== runnerPath) return void stream.end("HTTP/1.1 404 Not Found\r\n\r\n");
    sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit("connection", socket, stream));
  };
  server.on("upgrade", upgrade);
  return {
    close: () => {
      server.off("upgrade", upgrade);
      for (const socket of sockets.clients) sayBye(socket, "restarting", "The host stops.");
      sockets.close();
    },
  };
};

const serveRunner = (
  socket: WebSocket,
  welcome: (text: string) => Promise<AgentEnd | null>,
  report: (error: unknown) => void,
): void => {
  let agent: AgentEnd | null = null;
  let turn: Promise<void> = Promise.resolve();
  let waiting = 0;
  const late = setTimeout(() => sayBye(socket, "bad-frame", "No hello came in time."), helloMs);
  const take = async (text: string): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return;
    if (agent === null) {
      agent = await welcome(text);
      clearTimeout(late);
      agent?.onChange(() => sendFrame(socket, { type: "changed" }));
      return;
    }
    const frame = frameIn(text, runnerFrame);
    if (frame === null || frame.type === "hello") {
      sayBye(socket, "bad-frame", "The host does not understand this frame.");
      return;
    }
    sendFrame(socket, await answerFrame(agent, frame));
  };
  // One after the other, as they came: a commit is not overtaken.
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) return sayBye(socket, "bad-frame", "A frame has to be text.");
    if ((waiting += 1) > mostWaiting)
      return sayBye(socket, "bad-frame", "Too many frames wait for an answer.");
    const text = data.toString("utf8");
    turn = turn
      .then(() => take(text))
      .catch(report)
      .finally(() => (waiting -= 1));
  });
  // `close` follows: a frame was too long, or the connection broke.
  socket.on("error", () => {});
  socket.once("close", () => {
    clearTimeout(late);
    void turn.then(() => agent?.close()).catch(report);
  });
};
