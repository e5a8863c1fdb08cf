import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ResponseFrame } from "@nc/cli-scope";
import { createLineSplitter } from "./line-splitter.ts";
import { frameTooLong, maxFrameBytes, readFrame } from "./read-frame.ts";

/** Answers one frame. An expected failure is an error frame; what it throws is a bug. */
export type Answer = (frame: unknown) => Promise<ResponseFrame>;

export type ConnectionOptions = {
  readonly answer: Answer;
  /** Told of what `answer` threw: a bug. The client gets an error frame, and the connection stays. */
  readonly report: (error: unknown) => void;
};

/** A client that is being served. */
export type Connection = {
  /** Ends it: at once if it is idle, else when the frame that is being answered has its answer. */
  stop(): void;
};

/** Milliseconds that a client is still listened to after our last word, so that it can read it before a reset. */
const lingerMs = 2000;

/**
 * Answers the frames of one connection in order, one after the other. It is read no further while a frame is answered
 * or the client does not take its answers: what it costs is bounded by one frame, one chunk and one answer.
 */
export const serveConnection = (socket: Socket, { answer, report }: ConnectionOptions): Connection => {
  const splitter = createLineSplitter(maxFrameBytes);
  const send = createSender(socket);
  let state: "idle" | "busy" | "done" = "idle";
  let isStopped = false;

  const answerLine = async (line: Buffer): Promise<string> => {
    const frame = readFrame(line);
    if (!frame.ok) return errorLine("", "transport-error", frame.error.message);
    try {
      return `${JSON.stringify(await answer(frame.value))}\n`;
    } catch (error) {
      report(error);
      return errorLine(idOf(frame.value), "handler-error", bugMessage);
    }
  };

  const answerAll = async (lines: readonly Buffer[]): Promise<void> => {
    state = "busy";
    for (const line of lines) {
      if (isStopped || socket.destroyed) break;
      if (!isBlank(line)) await send(await answerLine(line));
    }
    state = "idle";
  };

  const finish = (last = ""): void => {
    state = "done";
    if (last !== "") socket.write(last);
    socket.end();
    // The rest of what it sends is dropped; with bytes left unread the kernel would reset the connection.
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(timer));
  };

  const onChunk = async (chunk: Buffer): Promise<void> => {
    if (state === "done") return;
    socket.pause();
    const { lines, tooLong } = splitter.push(chunk);
    await answerAll(lines);
    if (isStopped) socket.destroySoon();
    else if (tooLong) finish(errorLine("", "transport-error", frameTooLong.message));
    else socket.resume();
  };

  /** The client has said all; its last frame may lack the newline. */
  const onEnd = async (): Promise<void> => {
    if (state === "done") return;
    await answerAll([splitter.rest()]);
    finish();
  };

  socket.on("data", (chunk: Buffer) => void onChunk(chunk));
  socket.on("end", () => void onEnd());
  // A client that left (ECONNRESET, EPIPE): "close" follows, and there is nobody to tell.
  socket.on("error", () => {});
  return {
    stop: () => {
      isStopped = true;
      if (state === "idle") socket.destroySoon();
    },
  };
};

/** Answers that are there within one turn of the event loop leave in one write. Resolves when there is room for more. */
const createSender = (socket: Socket): ((text: string) => Promise<void> | undefined) => {
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    socket.uncork();
  };
  return (text) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      setImmediate(uncork);
    }
    return socket.write(text) || socket.destroyed ? undefined : drained(socket);
  };
};

/** Until the client took what was written, or left. */
const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });

const isBlank = (line: Buffer): boolean =>
  line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);

const bugMessage =
  "The host failed on this command. That is a bug in gatehouse; what the host printed has the details.";

const idOf = (frame: unknown): string =>
  typeof frame === "object" && frame !== null && "id" in frame && typeof frame.id === "string"
    ? frame.id
    : "";

const errorLine = (id: string, code: "transport-error" | "handler-error", message: string): string =>
  `${JSON.stringify({ id, ok: false, error: { code, message } } satisfies ResponseFrame)}\n`;
