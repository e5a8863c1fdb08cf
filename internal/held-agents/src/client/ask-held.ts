import { connect, type Socket } from "node:net";
import { createLineSplitter } from "@gatehouse/socket-server/lines";
import { parseJson, systemCode, type Result } from "@gatehouse/std";
import { socketAddress } from "../records/socket-address.ts";
import type { HeldFailure } from "./held-failure.ts";

/** Bytes of a line from a holder: a screen, or a frame of one. */
const longestLine = 4 * 1024 * 1024;

/** A line of a holder, parsed: an object, whatever its fields. */
export type HeldLine = { readonly [field: string]: unknown };

/** An open control socket. */
export type HeldConnection = {
  readonly send: (line: object) => void;
  readonly onLine: (listener: (line: HeldLine) => void) => void;
  readonly onClose: (listener: () => void) => void;
  readonly close: () => void;
};

/** Connects to an agent's control socket and asks: the first line that comes is the reply. */
export const connectHeld = (path: string, request: object): Promise<Result<HeldConnection, HeldFailure>> =>
  new Promise((resolve) => {
    const opened = dial(path);
    if (!opened.ok) return resolve(opened);
    const { socket, close: release } = opened.value;
    const lines = createLineSplitter(longestLine);
    const early: HeldLine[] = [];
    let listener: ((line: HeldLine) => void) | null = null;
    socket.on("data", (chunk) => {
      const split = lines.push(chunk);
      for (const line of split.lines) {
        const parsed = Object(parseJson(line.toString("utf8"))) as HeldLine;
        if (listener === null) early.push(parsed);
        else listener(parsed);
      }
      if (split.tooLong) socket.destroy();
    });
    socket.once("close", release);
    socket.once("error", (error) => resolve(unreachable(path, systemCode(error))));
    socket.once("connect", () => {
      const send = (line: object): void =>
        void (socket.writable && socket.write(`${JSON.stringify(line)}\n`));
      send({ v: 1, ...request });
      resolve({
        ok: true,
        value: {
          send,
          onLine: (next) => {
            listener = next;
            for (const line of early.splice(0)) next(line);
          },
          onClose: (next) => void (socket.closed ? next() : socket.once("close", next)),
          close: () => void socket.destroy(),
        },
      });
    });
  });

const dial = (path: string): Result<{ readonly socket: Socket; readonly close: () => void }, HeldFailure> => {
  try {
    const address = socketAddress(path);
    return { ok: true, value: { socket: connect(address.path), close: address.close } };
  } catch (error) {
    return unreachable(path, systemCode(error));
  }
};

/**
 * Asks once. The reply is the holder's, `ok` or not; a socket that nobody serves is `unreachable`, and one that
 * closes or says nothing within the time is `no-reply`. An abort is `cancelled`; the holder then presses no more keys.
 */
export const askHeld = async (
  path: string,
  request: object,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Result<HeldLine, HeldFailure>> => {
  const connected = await connectHeld(path, request);
  if (!connected.ok) return connected;
  const connection = connected.value;
  return new Promise((resolve) => {
    const end = (result: Result<HeldLine, HeldFailure>): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      connection.close();
      resolve(result);
    };
    const silent = { code: "no-reply", message: "The agent's holder does not reply." };
    const timer = setTimeout(() => end({ ok: false, error: silent }), timeoutMs);
    const cancel = (): void => end({ ok: false, error: { code: "cancelled", message: "It was cancelled." } });
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) return cancel();
    connection.onClose(() => end({ ok: false, error: silent }));
    connection.onLine((line) => end(line["ok"] === true ? { ok: true, value: line } : refusedBy(line)));
  });
};

/** The error that a holder's reply names. */
export const refusedBy = (line: HeldLine): Result<never, HeldFailure> => {
  const { code, message, fix } = Object(line["error"]) as Record<string, unknown>;
  return {
    ok: false,
    error: {
      code: typeof code === "string" ? code : "bad-reply",
      message: typeof message === "string" ? message : "The agent's holder gave no reason.",
      ...(typeof fix === "string" ? { fix } : {}),
    },
  };
};

const unreachable = (path: string, code: string): Result<never, HeldFailure> => ({
  ok: false,
  error: { code: "unreachable", message: `No holder answers for the agent at ${path} (${code}).` },
});
