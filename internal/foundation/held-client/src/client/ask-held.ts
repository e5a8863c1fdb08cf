import { connect, type Socket } from "node:net";
import { createLineSplitter } from "@gatehouse/socket-server/lines";
import { parseJson, systemCode, type Result } from "@gatehouse/std";
import { socketAddress } from "../records/socket-address.ts";
import type { HeldFailure } from "./held-failure.ts";

/** Maximum length of a line from a holder, in bytes. The longest lines are screens and frames. */
const longestLine = 4 * 1024 * 1024;

/** A parsed line of a holder: an object with any fields. */
export type HeldLine = { readonly [field: string]: unknown };

/** An open control socket. */
export type HeldConnection = {
  readonly send: (line: object) => void;
  readonly onLine: (listener: (line: HeldLine) => void) => void;
  readonly onClose: (listener: () => void) => void;
  readonly close: () => void;
};

/** Connects to an agent's control socket and sends a request. The first line from the holder is the reply. */
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
 * Sends one request and returns the holder's reply, `ok` or not. Error codes: `unreachable` if no process
 * serves the socket, `no-reply` if it closes or is silent for `timeoutMs`, `cancelled` after an abort; the
 * holder then presses no more keys.
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
    const cancel = (): void =>
      end({ ok: false, error: { code: "cancelled", message: "The request was cancelled." } });
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) return cancel();
    connection.onClose(() => end({ ok: false, error: silent }));
    connection.onLine((line) => end(line["ok"] === true ? { ok: true, value: line } : refusedBy(line)));
  });
};

/** The error in a holder's reply. */
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
