import type { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { pause } from "@gatehouse/fs-kit";
import { createLineSplitter, readFrame } from "@gatehouse/socket-server";
import { backoff, fail, ok, type Result, systemCode } from "@gatehouse/std";
import { chatVersion, hostFailedCode, isRecord, notServed } from "../local/frames.ts";
import type {
  ChatError,
  PastMessage,
  Said,
  ServerFrame,
  ShownMessage,
  ShownWriting,
} from "../local/frames.ts";
import type { LocalFile } from "./local-file.ts";
import { sendSaid } from "./send-said.ts";

export type Welcome = Extract<ServerFrame, { readonly type: "welcome" }>;

/** Events of a link. */
export type LinkEvents = {
  /** Connected, for the first time or again. */
  readonly welcome: (welcome: Welcome, isFirst: boolean) => void;
  readonly message: (message: ShownMessage) => void;
  /** A message from before the first welcome. */
  readonly past?: (message: PastMessage) => void;
  /** The text that an agent is writing now. A link without this does not ask for it. */
  readonly writing?: (writing: ShownWriting) => void;
  /** The host has stored the message. */
  readonly taken: (id: string) => void;
  /** The host refused a frame. If the error has an id, the host will never accept that message. */
  readonly refused: (error: ChatError) => void;
  /** The connection is lost; the link reconnects. */
  readonly lost: () => void;
};

export type LinkOptions = {
  readonly socketPath: string;
  /** Null for the person's direct chat. */
  readonly group: string | null;
  /** Null for the sole owner. */
  readonly as: string | null;
  /** How many past messages of the chat to get after the first welcome. */
  readonly history?: number;
  /** Nothing else is wanted: no chat is opened. */
  readonly historyOnly?: boolean;
  /** How long a lost connection is retried, ms. */
  readonly reconnectMs: number;
  readonly events: LinkEvents;
};

/** Why a link ended. */
export type LinkError = { readonly code: string; readonly message: string };

/** A chat that reconnects when its connection is lost. */
export type ChatLink = {
  /** Sends a message with its files, and repeats it on each new connection until the host has stored it. */
  readonly say: (said: Said, files?: readonly LocalFile[]) => void;
  /** Tells the host that the files of a message were copied. If the host is gone, this is lost. */
  readonly fetched: (messageId: string) => void;
  /** Number of messages that the host has not stored yet. */
  readonly unsent: () => number;
  readonly stop: () => void;
  /** Resolves when the link was stopped or refused, or could not reconnect in time. */
  readonly ended: Promise<Result<null, LinkError>>;
};

/** Bytes of one message from the host. */
const maxLineBytes = 2 ** 26;

/** The pauses between two connections. */
const pauses = { first: 50, most: 2000 };

/** The result of one connection. */
type Ending =
  | { readonly how: "refused"; readonly error: LinkError }
  | {
      readonly how: "lost";
      readonly code: string;
      readonly wasWelcome: boolean;
      /** The host failed on a frame, and ended the connection. */
      readonly hostFailed: LinkError | null;
      /** The host took a message, or showed one. */
      readonly hasProgress: boolean;
    };

type Unsent = {
  readonly said: Said;
  readonly files: readonly LocalFile[];
  /** How often the host failed on it. */
  failures: number;
};

/** Most tries of a message on which the host fails. */
const mostTries = 5;

/** State that the link keeps over all its connections. */
type LinkState = LinkOptions & {
  readonly unsent: Map<string, Unsent>;
  readonly stopping: AbortController;
  /** Null before the first welcome. */
  readUpTo: Readonly<Record<string, number>> | null;
  /** The connection on which the host has welcomed the client; null if there is none. */
  live: Socket | null;
  /** Messages are sent one after the other, each after its files. */
  sending: Promise<void>;
};

/** Connects, and reconnects when the connection is lost. No message is shown or stored twice. */
export const chatLink = (options: LinkOptions): ChatLink => {
  const state: LinkState = {
    ...options,
    unsent: new Map(),
    stopping: new AbortController(),
    readUpTo: null,
    live: null,
    sending: Promise.resolve(),
  };
  return {
    say: (said, files = []) => {
      const unsent: Unsent = { said, files, failures: 0 };
      state.unsent.set(said.id, unsent);
      if (state.live !== null) sendNext(state, state.live, unsent);
    },
    fetched: (id) => {
      if (state.live !== null) write(state.live, { type: "fetched", id });
    },
    unsent: () => state.unsent.size,
    stop: () => state.stopping.abort(),
    ended: run(state),
  };
};

const write = (socket: Socket, frame: unknown): void => void socket.write(`${JSON.stringify(frame)}\n`);

/** On this connection only: a later one starts with all unsent messages. */
const sendNext = (state: LinkState, socket: Socket, { said, files }: Unsent): void => {
  const isWanted = (): boolean => state.live === socket && state.unsent.has(said.id);
  state.sending = state.sending.then(async () => {
    if (!isWanted()) return;
    const problem = await sendSaid(socket, said, files, isWanted);
    if (problem !== null && state.unsent.delete(said.id))
      state.events.refused({ type: "error", code: "file-unreadable", message: problem, id: said.id });
  });
};

const begin = (state: LinkState, socket: Socket, welcome: Welcome): void => {
  const isFirst = state.readUpTo === null;
  state.readUpTo = { ...welcome.readUpTo, ...state.readUpTo };
  state.live = socket;
  state.events.welcome(welcome, isFirst);
  for (const unsent of state.unsent.values()) sendNext(state, socket, unsent);
};

const receive = (state: LinkState, frame: Exclude<ServerFrame, Welcome>): void => {
  const { events, unsent, readUpTo } = state;
  if (frame.type === "message") {
    const { chat, seq } = frame;
    state.readUpTo = { ...readUpTo, [chat]: Math.max(seq, readUpTo?.[chat] ?? 0) };
    return events.message(frame);
  }
  if (frame.type === "past") return events.past?.(frame);
  if (frame.type === "writing") return events.writing?.(frame);
  if (frame.id !== undefined && !unsent.delete(frame.id)) return;
  if (frame.type === "taken") events.taken(frame.id);
  else events.refused(frame);
};

/** The host serves this person no longer, so another connection would be refused too. */
const isDismissal = (frame: ServerFrame): boolean =>
  frame.type === "error" && frame.code === notServed && frame.id === undefined;

/** Says nothing about this person: the link connects again. A host that was stopped reads a hello late. */
const helloLate = "no-hello";

/** The host failed on a message: that may pass, such as a database that is away, but not for ever. */
const failedOn = (state: LinkState, error: ChatError): void => {
  const unsent = error.id === undefined ? undefined : state.unsent.get(error.id);
  if (unsent === undefined) return;
  unsent.failures += 1;
  if (unsent.failures < mostTries) return;
  state.unsent.delete(unsent.said.id);
  state.events.refused(error);
};

const connectOnce = (state: LinkState): Promise<Ending> =>
  new Promise((resolve) => {
    const { socketPath, group, as, stopping, history = 0, historyOnly = false } = state;
    const socket = connect(socketPath);
    const end = (): void => void socket.destroy();
    stopping.signal.addEventListener("abort", end);
    let refused: LinkError | null = null;
    let code = "ECONNRESET";
    let wasWelcome = false;
    let hostFailed: LinkError | null = null;
    let hasProgress = false;
    socket.on("connect", () =>
      write(socket, {
        type: "hello",
        version: chatVersion,
        group,
        as,
        after: state.readUpTo,
        writing: state.events.writing !== undefined,
        history,
        historyOnly,
      }),
    );
    readFrames(socket, (frame) => {
      if (frame.type === "welcome") {
        wasWelcome = true;
        begin(state, socket, frame);
      } else if (frame.type === "error" && frame.code === hostFailedCode) {
        hostFailed = { code: frame.code, message: frame.message };
        failedOn(state, frame);
      } else if (wasWelcome && !isDismissal(frame)) {
        hasProgress ||= frame.type === "taken" || frame.type === "message";
        receive(state, frame);
      } else if (frame.type === "error" && frame.code !== helloLate) refused = frame;
    });
    socket.on("error", (error) => (code = systemCode(error)));
    socket.on("close", () => {
      stopping.signal.removeEventListener("abort", end);
      state.live = null;
      resolve(
        refused === null
          ? { how: "lost", code, wasWelcome, hostFailed, hasProgress }
          : { how: "refused", error: refused },
      );
    });
  });

const run = async (state: LinkState): Promise<Result<null, LinkError>> => {
  const { stopping, events, reconnectMs, socketPath } = state;
  let lostAt: number | null = null;
  let failures = 0;
  for (;;) {
    const ending = await connectOnce(state);
    if (stopping.signal.aborted) return ok(null);
    if (ending.how === "refused") return fail(ending.error);
    const { code, wasWelcome, hostFailed, hasProgress } = ending;
    if (wasWelcome) {
      if (hostFailed === null || hasProgress) [lostAt, failures] = [performance.now(), 0];
      lostAt ??= performance.now();
      events.lost();
    }
    if (lostAt === null || performance.now() - lostAt > reconnectMs)
      return fail(hostFailed ?? unreachable(socketPath, code, lostAt !== null));
    failures += 1;
    await pause(backoff(pauses, failures), stopping.signal);
  }
};

const unreachable = (path: string, code: string, wasConnected: boolean): LinkError =>
  wasConnected
    ? { code: "host-gone", message: "The host has ended, and did not return in time." }
    : {
        code: "no-host",
        message: `No host answers at ${path} (${code}). gatehouse up starts one.`,
      };

const readFrames = (socket: Socket, receive: (frame: ServerFrame) => void): void => {
  const splitter = createLineSplitter(maxLineBytes);
  socket.on("data", (chunk: Buffer) => {
    const { lines, tooLong } = splitter.push(chunk);
    for (const line of lines) {
      const frame = readFrame(line);
      if (frame.ok && isRecord(frame.value)) receive(frame.value as ServerFrame);
    }
    if (tooLong) socket.destroy();
  });
};
