import type { Duplex } from "node:stream";
import type {
  AgentSide,
  Committed,
  Notice,
  RunnerSide,
  TransportError,
  TransportResult,
} from "@gatehouse/session-rows/messages";
import { frameIn, hostFrame, progressFrame, wireLimits, wireVersion } from "../frames.ts";
import type { CallFrame, HostFrame, RunnerFrame } from "../frames.ts";
import { defaultPingMs } from "../keep-alive.ts";
import { runnerPath } from "../runner-server.ts";
import { redial, type Redialled } from "./redial.ts";

export type DialOptions = {
  /** Opens a stream to the host: a Unix socket's, or one of TCP or TLS. */
  readonly connect: () => Duplex;
  /** The workload's token. */
  readonly token: string;
  /** How long to dial a host that is away, ms. After that every call is `closed`. Default: for ever. */
  readonly patienceMs?: number;
  /** Called with why the host cannot be reached, a sentence; once a reason, until it has been reached. */
  readonly trouble?: (message: string) => void;
  /** For tests. */
  readonly pingMs?: number;
};

/** Largest frame of the host, bytes: a batch has several messages. */
const mostBytes = 16 * wireLimits.frameBytes;

/** First and longest wait before the host is dialled again, ms. It doubles each time, with jitter. */
const [firstWaitMs, longestWaitMs] = [50, 5_000];

/** A host that restarts is back sooner, so no trouble is reported before this time. ms */
const quietMs = 1_000;

/** A call without its id: the id is set when the call is sent. */
type Asked = CallFrame extends infer One ? (One extends CallFrame ? Omit<One, "id"> : never) : never;
type Answer = Extract<HostFrame, { readonly id: number }>;

/**
 * The agent's side of a session in a runner. Each call is a frame to the host. After a broken connection it
 * is sent again, until it is answered. The host recognises a repeated call and does not carry it out twice.
 */
export const dialHost = (options: DialOptions): RunnerSide => {
  const listeners = new Set<() => void>();
  const notices = new Set<(notice: Notice) => void>();
  const calls = openCalls((frame) => line.send(frame));
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const noted = (notice: Notice): void => {
    for (const listener of notices) listener(notice);
  };
  const end = (error: TransportError): void => {
    line.close();
    calls.end(error);
  };
  const receive = (frame: HostFrame | "away" | null): void => {
    if (frame === "away") return end({ code: "closed", message: "The host was away for too long." });
    if (frame === null)
      return end({ code: "unreadable", message: "The host sent a frame that is not known." });
    switch (frame.type) {
      case "welcome":
        calls.repeat();
        noted("resume");
        return tell();
      case "changed":
        return tell();
      case "notice":
        return noted(frame.notice);
      case "bye":
        return frame.code === "restarting" ? undefined : end({ code: "closed", message: frame.message });
      default:
        return calls.answer(frame);
    }
  };
  const line = openLine(options, receive);
  const call = calls.make;

  return {
    ...callsOf(call),
    heartbeat: async () => {
      // A heartbeat is useless later, so it is not queued while the host is away.
      if (line.isWelcome()) await call({ type: "beat" });
    },
    progress: (said) => void line.send(progressFrame(said)),
    isConnected: line.isWelcome,
    drained: () => void line.send({ type: "drained" }),
    onNotice: (listener) => {
      notices.add(listener);
      return () => void notices.delete(listener);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      end({ code: "closed", message: "This side of the session is closed." });
      listeners.clear();
      notices.clear();
    },
  };
};

/** The calls that the agent's side makes to its host. */
const callsOf = (call: (asked: Asked) => Promise<Answer | TransportError>) =>
  ({
    projection: () => asking(call({ type: "session" }), "session", ({ session }) => session),
    secrets: () => asking(call({ type: "secrets" }), "secrets", ({ secrets }) => secrets),
    receive: (wanted) => asking(call({ type: "next", ...wanted }), "batch", ({ messages }) => messages),
    receiveSystem: (limit) =>
      asking(call({ type: "next-system", limit }), "batch", ({ messages }) => messages),
    commit: (work) =>
      asking(call({ type: "commit", ...work }), "done", ({ withdrawn }): Committed =>
        withdrawn === true ? "withdrawn" : null,
      ),
    get: (key) => asking(call({ type: "get", key }), "value", ({ value }) => value),
    set: (key, value, now) => asking(call({ type: "set", key, value, now }), "done", () => null),
    setTool: (tool, now) => asking(call({ type: "tool", tool, now }), "done", () => null),
    ask: (question) => asking(call({ type: "ask", question }), "done", () => null),
    answerTo: (question) => asking(call({ type: "answer-to", question }), "value", ({ value }) => value),
  }) satisfies Partial<AgentSide>;

/** Most calls that are sent and not answered yet; the rest wait here. The host accepts twice as many. */
const mostSent = wireLimits.waiting / 2;

/** The calls that are not answered yet. `send` returns whether the host is connected. */
const openCalls = (send: (frame: CallFrame) => boolean) => {
  type Pending = { readonly frame: CallFrame; readonly answer: (answer: Answer | TransportError) => void };
  const pending = new Map<number, Pending>();
  const sent = new Set<number>();
  let nextId = 0;
  let over: TransportError | null = null;
  const flush = (): void => {
    for (const [id, { frame }] of pending) {
      if (sent.size >= mostSent) return;
      if (!sent.has(id) && send(frame)) sent.add(id);
    }
  };
  return {
    make: (asked: Asked): Promise<Answer | TransportError> =>
      new Promise((resolve) => {
        if (over !== null) return resolve(over);
        const frame = { ...asked, id: (nextId += 1) } as CallFrame;
        pending.set(frame.id, { frame, answer: resolve });
        flush();
      }),
    answer: (frame: Answer): void => {
      const asked = pending.get(frame.id);
      pending.delete(frame.id);
      sent.delete(frame.id);
      flush();
      asked?.answer(frame);
    },
    /** Sends all open calls again, on a new connection. */
    repeat: (): void => {
      sent.clear();
      flush();
    },
    /** Answers all open calls, and every later one, with this error. */
    end: (error: TransportError): void => {
      over ??= error;
      for (const { answer } of pending.values()) answer(over);
      pending.clear();
    },
  };
};

/**
 * A connection to the host, which reconnects when it breaks. The listener gets null for an unknown frame, and
 * `away` once the host has been away for too long.
 */
const openLine = (
  { connect, token, patienceMs = Infinity, pingMs = defaultPingMs, trouble = () => {} }: DialOptions,
  receive: (frame: HostFrame | "away" | null) => void,
): Redialled<RunnerFrame> => {
  const dialled: Redialled<RunnerFrame> = redial<RunnerFrame>({
    connect,
    path: runnerPath,
    mostBytes,
    pingMs,
    waitsMs: [firstWaitMs, longestWaitMs],
    quietMs,
    hello: () => ({ type: "hello", version: wireVersion, token }),
    heard: (data) => {
      const frame = frameIn(data.toString("utf8"), hostFrame, mostBytes);
      if (frame?.type === "welcome") dialled.welcomed();
      receive(frame);
    },
    trouble,
    lost: () => {
      const isOver = dialled.awayMs() > patienceMs;
      if (isOver) receive("away");
      return !isOver;
    },
  });
  return dialled;
};

/** The value of an answer of this type, or the error of an answer of another type. */
const asking = async <Type extends Answer["type"], T>(
  called: Promise<Answer | TransportError>,
  type: Type,
  valueOf: (answer: Extract<Answer, { readonly type: Type }>) => T,
): Promise<TransportResult<T>> => {
  const answer = await called;
  if (!("type" in answer)) return { ok: false, error: answer };
  if (answer.type === "refused") return { ok: false, error: answer.error };
  return answer.type === type
    ? { ok: true, value: valueOf(answer as Extract<Answer, { readonly type: Type }>) }
    : { ok: false, error: { code: "unreadable", message: "The host sent an answer to another call." } };
};
