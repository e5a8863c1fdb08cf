import { backoff } from "@gatehouse/std";
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { keepAlive } from "../keep-alive.ts";
import { sendFrame } from "../send-frame.ts";

/** `Frame` is what this side sends. */
export type RedialOptions<Frame extends object> = {
  /** Opens a stream to the host: a Unix socket's, or one of TCP or TLS. */
  readonly connect: () => Duplex;
  readonly path: string;
  /** The largest frame of the host, bytes. */
  readonly mostBytes: number;
  readonly pingMs: number;
  /** First and longest wait before the host is dialled again, ms. It doubles each time, with jitter. */
  readonly waitsMs: readonly [first: number, longest: number];
  /** A host that restarts is back sooner, so no trouble is reported before this time, ms. */
  readonly quietMs: number;
  /** The first frame of a connection. */
  readonly hello: () => Frame;
  readonly heard: (data: Buffer, socket: WebSocket) => void;
  /** Called with why the host cannot be reached, a sentence; once a reason, until it has been reached. */
  readonly trouble: (message: string) => void;
  /** Called when a connection has ended. With false the host is not dialled again. */
  readonly lost: (wasWelcome: boolean) => boolean;
};

export type Redialled<Frame extends object> = {
  /** Sends a frame if the host has welcomed this side. Returns whether it was sent. */
  readonly send: (frame: Frame) => boolean;
  /** Call it when the host has welcomed this side: the next wait is the first one again. */
  readonly welcomed: () => void;
  readonly isWelcome: () => boolean;
  /** Time since the host was last there, ms. */
  readonly awayMs: () => number;
  /** Reports a trouble, once until the host has been reached. */
  readonly trouble: (message: string) => void;
  /** Ends the connection, and dials no more. */
  readonly close: () => void;
};

/** A WebSocket to the host, which is opened again whenever it has ended. */
export const redial = <Frame extends object>(options: RedialOptions<Frame>): Redialled<Frame> => {
  const [first, most] = options.waitsMs;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let [isClosed, isWelcome] = [false, false];
  let awaySince = performance.now();
  const awayMs = (): number => performance.now() - awaySince;
  const reported = new Set<string>();
  const trouble = (message: string): void => {
    if (isClosed || reported.has(message)) return;
    reported.add(message);
    options.trouble(message);
  };
  const dial = (): WebSocket => {
    const opened = new WebSocket(`ws://host${options.path}`, {
      createConnection: options.connect,
      perMessageDeflate: false,
      maxPayload: options.mostBytes,
    });
    // Started before the connection is open, so that a host that accepts and stays silent counts as away.
    keepAlive(opened, options.pingMs);
    opened.on("open", () => void sendFrame(opened, options.hello()));
    opened.on("message", (data: Buffer) => options.heard(data, opened));
    // The event `close` follows.
    opened.on("error", ({ message }) => {
      if (awayMs() >= options.quietMs)
        trouble(`The host cannot be reached: ${message}. It is dialled again.`);
    });
    opened.once("close", () => {
      const wasWelcome = isWelcome;
      if (wasWelcome) awaySince = performance.now();
      isWelcome = false;
      if (isClosed || !options.lost(wasWelcome)) return;
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
    send: (frame) => isWelcome && sendFrame(socket, frame),
    welcomed: () => {
      isWelcome = true;
      failures = 0;
      reported.clear();
    },
    isWelcome: () => isWelcome,
    awayMs,
    trouble,
    close: () => {
      [isClosed, isWelcome] = [true, false];
      clearTimeout(timer);
      socket.close();
    },
  };
};
