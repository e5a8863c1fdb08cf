import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { keepAlive } from "./keep-alive.ts";
import { sendFrame } from "./send-frame.ts";

/** The last frame of a host on a line. */
type Bye = { readonly type: "bye"; readonly code: string; readonly message: string };

/** One WebSocket that a host serves, to a runner or to a machine. `Frame` is what the host sends. */
export type ServedLine<Frame extends object> = {
  readonly socket: WebSocket;
  /** Sends a frame, unless the line has ended. */
  readonly send: (frame: Frame) => void;
  /** Sends why the host ends the line, and ends it. */
  readonly bye: (code: Extract<Frame, Bye>["code"], message: string) => void;
  /** Call it when the first frame has come: without one, the line ends in time. */
  readonly greeted: () => void;
  /** When the last frame or pong came, ms since the epoch. */
  readonly lastHeardAt: () => number;
  /** Resolves with why the line has ended: a code of `bye`, or `silent`, `unread`, `broken`. */
  readonly ended: Promise<string>;
};

export type LineServerOptions<Frame extends object> = {
  /** The URL path of the lines. Any other path is refused. */
  readonly path: string;
  /** Most bytes of a frame of the other side. A longer one breaks the line. */
  readonly mostBytes: number;
  /** Bytes that the other side has not read. With more, it is disconnected before the next frame. */
  readonly mostUnread: number;
  readonly pingMs: number;
  /** Serves a line. `stream` is its connection. */
  readonly serve: (line: ServedLine<Frame>, stream: Duplex) => void;
};

/** Time for the first frame, ms. */
const helloMs = 10_000;

/** Time for the other side to close its part of a connection, ms. */
const byeMs = 2_000;

/** Serves lines on an HTTP server. Returns a function that tells all of them that the host restarts, and serves no more. */
export const serveLines = <Frame extends object>(
  server: Server,
  { path, mostBytes, serve, ...limits }: LineServerOptions<Frame>,
): (() => void) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostBytes, perMessageDeflate: false });
  const lines = new Set<ServedLine<Frame>>();
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (request.url !== path) return void stream.end("HTTP/1.1 404 Not Found\r\n\r\n");
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const line = openLine<Frame>(socket, limits);
      lines.add(line);
      void line.ended.then(() => lines.delete(line));
      serve(line, stream);
    });
  };
  server.on("upgrade", upgrade);
  return () => {
    server.off("upgrade", upgrade);
    for (const line of lines) line.bye("restarting", "The host stops.");
    sockets.close();
  };
};

const openLine = <Frame extends object>(
  socket: WebSocket,
  { mostUnread, pingMs }: Pick<LineServerOptions<Frame>, "mostUnread" | "pingMs">,
): ServedLine<Frame> => {
  let why: string | null = null;
  const { lastHeardAt, isSilent } = keepAlive(socket, pingMs);
  const send = (frame: Frame | Bye): void => {
    if (socket.bufferedAmount > mostUnread) why ??= "unread";
    sendFrame(socket, frame, mostUnread);
  };
  const bye = (code: string, message: string): void => {
    why ??= code;
    send({ type: "bye", code, message });
    socket.close();
    const late = setTimeout(() => socket.terminate(), byeMs);
    socket.once("close", () => clearTimeout(late));
  };
  const late = setTimeout(() => bye("bad-frame", "No hello came in time."), helloMs);
  const greeted = (): void => clearTimeout(late);
  // The event `close` follows: a frame was too long, or the connection broke.
  socket.on("error", () => {});
  const ended = new Promise<string>((resolve) =>
    socket.once("close", () => {
      greeted();
      resolve(why ?? (isSilent() ? "silent" : "broken"));
    }),
  );
  return { socket, send, bye, greeted, lastHeardAt, ended };
};
