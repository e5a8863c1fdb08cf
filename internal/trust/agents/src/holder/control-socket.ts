import type { Socket } from "node:net";
import { listenOnSocket, createLineSplitter } from "@gatehouse/socket-server";
import { type Result, parseJson } from "@gatehouse/std";
import { socketAddress } from "@gatehouse/held-client/records";
import type { ViewerSize } from "./painter.ts";

export type ControlSocket = {
  /** Refuses new connections and removes the socket; open connections stay. */
  readonly close: () => Promise<void>;
};

/** Maximum number of clients at one time. */
const maxConnections = 64;
/** Timeout for the first line, ms. */
const firstLineMs = 10_000;

/** Listens for clients of one agent; `serve` gets the request of each client. */
export const openControlSocket = async (
  path: string,
  serve: (request: HeldRequest, connection: ControlClient) => void,
): Promise<Result<ControlSocket, string>> => {
  const address = socketAddress(path);
  const listening = await listenOnSocket({
    path: address.path,
    maxConnections,
    report: () => {},
    accept: (socket) => {
      const connection = connectionOn(socket);
      const tooLate = setTimeout(() => socket.destroy(), firstLineMs);
      connection.onClose(() => clearTimeout(tooLate));
      connection.onLine((line) => {
        clearTimeout(tooLate);
        connection.onLine(() => {});
        const request = requestIn(line);
        if (request !== null) return serve(request, connection);
        const message = `A request of version ${protocolVersion} is one JSON object on a line.`;
        connection.send({ v: protocolVersion, ok: false, error: { code: "bad-request", message } });
        connection.end();
      });
    },
  });
  if (!listening.ok) {
    address.close();
    return { ok: false, error: `${path}: ${listening.error.code}` };
  }
  return {
    ok: true,
    value: {
      close: async () => {
        const closed = listening.value.close();
        // The promise resolves only when the last connection ends, and no caller needs that; the socket's
        // file is removed at once.
        await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 50))]);
        address.close();
      },
    },
  };
};

/** Maximum length of a line, in bytes; a longer one ends the connection. A prompt of `send` has to fit. */
export const longestLine: number = 256 * 1024;

/** Maximum length of a person's name in the log, in characters. */
const longestName = 200;

/** A client of a control socket. It sends and receives JSON objects, one on each line. */
export type ControlClient = {
  readonly send: (line: object) => void;
  /** Bytes that the client has not read yet. */
  readonly waiting: () => number;
  /** Ends the connection after all lines were sent. */
  readonly end: () => void;
  readonly onLine: (listener: (line: unknown) => void) => void;
  /** Called when the client has read all that was sent. */
  readonly onDrain: (listener: () => void) => void;
  readonly onClose: (listener: () => void) => void;
};

/** Maximum of unread bytes for a client; a client that reads more slowly is dropped. */
const mostWaiting = 8 * 1024 * 1024;

const connectionOn = (socket: Socket): ControlClient => {
  const lines = createLineSplitter(longestLine);
  let listener: (line: unknown) => void = () => {};
  socket.on("data", (chunk) => {
    const split = lines.push(chunk);
    for (const line of split.lines) listener(parseJson(line.toString("utf8")));
    if (split.tooLong) socket.destroy();
  });
  // The client has left; `close` follows.
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  return {
    send: (line) => {
      if (socket.destroyed || !socket.writable) return;
      socket.write(`${JSON.stringify(line)}\n`);
      if (socket.writableLength > mostWaiting) socket.destroy();
    },
    waiting: () => socket.writableLength,
    end: () => void socket.end(),
    onLine: (next) => (listener = next),
    onDrain: (next) => void socket.on("drain", next),
    onClose: (next) => void socket.once("close", next),
  };
};

/** A request to show the screen. */
export type Attach = ViewerSize & {
  readonly isReadOnly: boolean;
  /** Become the writer at once; the earlier writer can then only watch. */
  readonly takes: boolean;
};

/** The person who asks, as the client names them, for the agent's log; null without a name. */
type Named = { readonly by: string | null };

/** The request of a client of the control socket: the first line of its connection. */
export type HeldRequest =
  | { readonly do: "state" | "watch" | "screen" | "stop" }
  | ({ readonly do: "send"; readonly text: string; readonly isCommand: boolean } & Named)
  | ({ readonly do: "answer"; readonly option: string; readonly question: string } & Named)
  | ({ readonly do: "attach" } & Attach);

/** The protocol's version. It rises if something is removed or changes its meaning. */
export const protocolVersion = 1;

/** The request in a line; null if the line is not a request. Unknown fields are ignored. */
const requestIn = (line: unknown): HeldRequest | null => {
  const {
    v,
    do: asked,
    text,
    command,
    option,
    question,
    readOnly,
    take,
    by: name,
  } = Object(line) as Record<string, unknown>;
  if (v !== protocolVersion) return null;
  const by = typeof name === "string" ? name.slice(0, longestName) : null;
  switch (asked) {
    case "state":
    case "watch":
    case "screen":
    case "stop":
      return { do: asked };
    case "send":
      return typeof text === "string" ? { do: asked, text, isCommand: command === true, by } : null;
    case "answer":
      return typeof option === "string" && typeof question === "string"
        ? { do: asked, option, question, by }
        : null;
    case "attach": {
      const size = sizeIn(line);
      return size === null
        ? null
        : { do: asked, ...size, isReadOnly: readOnly === true, takes: take === true };
    }
    default:
      return null;
  }
};

/** A terminal's size in cells; null if it is invalid, or larger than a real terminal. */
export const sizeIn = (line: unknown): ViewerSize | null => {
  const { columns, rows } = Object(line) as Partial<Record<keyof ViewerSize, unknown>>;
  const isSide = (side: unknown, most: number): side is number =>
    typeof side === "number" && Number.isInteger(side) && side >= 2 && side <= most;
  return isSide(columns, 500) && isSide(rows, 200) ? { columns, rows } : null;
};
