import { backoff } from "@gatehouse/std";
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { keepAlive } from "../keep-alive.ts";

export type RedialOptions = {
  /** Opens a stream to the host: a Unix socket's, or one of TCP or TLS. */
  readonly connect: () => Duplex;
  readonly path: string;
  /** The largest frame of the host, bytes. */
  readonly mostBytes: number;
  readonly pingMs: number;
  /** First and longest wait before the host is dialled again, ms. It doubles each time, with jitter. */
  readonly waitsMs: readonly [first: number, longest: number];
  readonly opened: (socket: WebSocket) => void;
  readonly heard: (data: Buffer, socket: WebSocket) => void;
  /** Called with why a connection failed. `lost` follows. */
  readonly failed: (error: Error) => void;
  /** Called when a connection has ended. With false the host is not dialled again. */
  readonly lost: () => boolean;
};

export type Redialled = {
  /** The present connection. */
  readonly socket: () => WebSocket;
  /** The next wait is the first one again: the host has welcomed this side. */
  readonly welcomed: () => void;
  /** Ends the connection, and dials no more. */
  readonly close: () => void;
};

/** A WebSocket to the host, which is opened again whenever it has ended. */
export const redial = (options: RedialOptions): Redialled => {
  const [first, most] = options.waitsMs;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const dial = (): WebSocket => {
    const opened = new WebSocket(`ws://host${options.path}`, {
      createConnection: options.connect,
      perMessageDeflate: false,
      maxPayload: options.mostBytes,
    });
    // Started before the connection is open, so that a host that accepts and stays silent counts as away.
    keepAlive(opened, options.pingMs);
    opened.on("open", () => options.opened(opened));
    opened.on("message", (data: Buffer) => options.heard(data, opened));
    // The event `close` follows.
    opened.on("error", options.failed);
    opened.once("close", () => {
      if (isClosed || !options.lost()) return;
      failures += 1;
      timer = setTimeout(
        () => {
          socket = dial();
        },
        backoff({ first, most }, failures) * (0.5 + Math.random() / 2),
      );
    });
    return opened;
  };
  let socket = dial();
  return {
    socket: () => socket,
    welcomed: () => {
      failures = 0;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      socket.close();
    },
  };
};
