import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { drained } from "./drained.ts";
import { noRoomMessage, type FrameShare } from "./frame-budget.ts";
import { createLineQueue } from "./line-queue.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { frameTooLong, maxFrameBytes, readFrame } from "./read-frame.ts";
import { errorLine, refuse } from "./refuse.ts";

/** Answers one frame. An expected failure is an error frame; an exception is a bug. */
export type AnswerFrame = (frame: unknown) => Promise<object>;

export type ConnectionOptions = {
  readonly answer: AnswerFrame;
  /**
   * Called with an error that `answer` threw, which is a bug. The client gets an error frame, and the
   * connection stays open.
   */
  readonly report: (error: unknown) => void;
};

/** A client that is being served. */
export type ServedClient = {
  /** Ends the connection: at once if it is idle, else after the answer in progress. */
  stop(): void;
};

/** Maximum bytes of complete frames that wait for an answer. More frames stay in the kernel's buffer. */
const maxWaitingBytes = 2 ** 16;

/**
 * The reason why no more frames are read: the client closed its sending side, or its frame is too long or has no room.
 */
type Last = "ended" | "too-long" | "no-room";

/**
 * Answers the frames of one connection one after the other. It stops reading while too many frames wait or
 * the client does not read its answers, so a connection costs at most a frame, some chunks and one answer.
 */
export const serveConnection = (
  socket: Socket,
  options: ConnectionOptions,
  share: FrameShare,
): ServedClient => {
  const frames = heldFrames(share);
  const { splitter, waiting } = frames;
  const send = createSender(socket);
  let isBusy = false;
  let isStopped = false;
  let last: Last | null = null;

  const answerAll = async (): Promise<void> => {
    isBusy = true;
    for (let line = frames.next(); line !== null; line = frames.next()) {
      if (isStopped || socket.destroyed) break;
      const room = send(await answerLine(line, options), waiting.bytes() > 0);
      if (room !== null) await room;
    }
    isBusy = false;
    if (!socket.destroyed) frames.fit();
    if (isStopped) socket.destroySoon();
    else goOn(socket, last);
  };

  const take = (lines: readonly Buffer[]): void => {
    for (const line of lines) if (!isBlank(line)) waiting.put(line);
    if (!isBusy) void answerAll();
    else if (waiting.bytes() > maxWaitingBytes) socket.pause();
  };

  socket.on("data", (chunk: Buffer) => {
    if (last !== null) return;
    const { lines, tooLong } = splitter.push(chunk);
    if (tooLong) last = "too-long";
    take(lines);
    if (last !== null || frames.fit()) return;
    last = "no-room";
    frames.dropUnfinished();
    if (!isBusy) goOn(socket, last);
  });
  // The client has sent everything; its last frame may lack the newline.
  socket.on("end", () => {
    if (last !== null) return;
    last = "ended";
    const rest = splitter.rest();
    if (!isBusy && rest.length === 0) socket.end();
    else take([rest]);
  });
  // The frames are freed with the connection.
  socket.on("close", () => void share.hold(0));
  // The client closed the connection (ECONNRESET, EPIPE). "close" follows, and no reply can be sent.
  socket.on("error", () => {});
  return {
    stop: () => {
      isStopped = true;
      if (!isBusy) socket.destroySoon();
    },
  };
};

/** Counts the bytes of frames that a connection holds against its share of the socket's budget. */
const heldFrames = (share: FrameShare) => {
  const splitter = createLineSplitter(maxFrameBytes);
  const waiting = createLineQueue();
  let answering = 0;
  const fit = (): boolean => share.hold(splitter.size() + waiting.bytes() + answering);
  return {
    splitter,
    waiting,
    fit,
    next: (): Buffer | null => {
      const line = waiting.take();
      answering = line?.length ?? 0;
      return line;
    },
    dropUnfinished: (): void => {
      splitter.rest();
      fit();
    },
  };
};

/**
 * Called when every frame has its answer: ends the connection if no more frames may arrive, else continues to
 * read.
 */
const goOn = (socket: Socket, last: Last | null): void => {
  if (last === "ended") socket.end();
  else if (last === "too-long") refuse(socket, frameTooLong.message);
  else if (last === "no-room") refuse(socket, noRoomMessage);
  else if (socket.isPaused()) socket.resume();
};

const answerLine = async (line: Buffer, { answer, report }: ConnectionOptions): Promise<string> => {
  const frame = readFrame(line);
  if (!frame.ok) return errorLine("", "transport-error", frame.error.message);
  try {
    return `${JSON.stringify(await answer(frame.value))}\n`;
  } catch (error) {
    report(error);
    return errorLine(idOf(frame.value), "handler-error", bugMessage);
  }
};

/**
 * Writes answers. Answers written in one turn of the event loop are sent together. Returns null if there is
 * room for another answer, else a promise to wait for.
 */
const createSender = (socket: Socket): ((text: string, isFollowed: boolean) => Promise<void> | null) => {
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    socket.uncork();
  };
  return (text, isFollowed) => {
    if (isFollowed && !isCorked) {
      isCorked = true;
      socket.cork();
      setImmediate(uncork);
    }
    return socket.write(text) || socket.destroyed ? null : drained(socket);
  };
};

const isBlank = (line: Buffer): boolean =>
  line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);

const bugMessage =
  "The host failed on this command. That is a bug in gatehouse; the host's output has the details.";

const idOf = (frame: unknown): string =>
  typeof frame === "object" && frame !== null && "id" in frame && typeof frame.id === "string"
    ? frame.id
    : "";
