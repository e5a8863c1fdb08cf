import type { WebSocket } from "ws";
import type { AgentEnd, Notice } from "../../transport.ts";
import { frameRate } from "../../wire/frame-rate.ts";
import { frameIn, runnerFrame, wireLimits, type ByeCode, type HostFrame } from "../../wire/frames.ts";
import { answerFrame } from "./answer-frame.ts";
import { keepAlive, type PingTimes } from "./keep-alive.ts";
import { sayBye, sendFrame } from "./send-frame.ts";

/** A runner that has been welcomed: the agent's side that it may use, and the version that is spoken. */
export type Welcomed = { readonly agent: AgentEnd; readonly version: number };

/** Why a runner is not welcomed. */
export type Unwelcome = { readonly code: ByeCode; readonly message: string };

/** What is known of a connection. It names neither a token nor a text. */
export type ConnectionState = {
  /** Null until the runner is welcomed. */
  readonly version: number | null;
  /** When the last frame or pong came, ms since the epoch. */
  readonly lastHeardAt: number;
  /** Calls that wait for their turn. */
  readonly callsWaiting: number;
  /** Bytes that the runner has not read. */
  readonly bytesUnread: number;
  /** Calls that were answered with a refusal. */
  readonly refusals: number;
  /** The runner said that nothing is in work since the host said `drain`. */
  readonly isDrained: boolean;
};

export type ServedRunner = {
  readonly state: () => ConnectionState;
  readonly bye: (code: ByeCode, message: string) => void;
  readonly notify: (notice: Notice) => void;
  /** Why the connection ended: a code of `bye`, or `silent`, `unread`, `broken`. */
  readonly ended: Promise<string>;
};

type Options = {
  readonly socket: WebSocket;
  /** Decides on the first frame of a connection. */
  readonly welcome: (text: string) => Promise<Welcomed | Unwelcome>;
  readonly report: (error: unknown) => void;
  readonly ping: PingTimes;
};

/** Time for the first frame, ms. */
const helloMs = 10_000;

/** Serves one connection: its calls one after the other, as they came, so that a commit is not overtaken. */
export const serveRunner = ({ socket, welcome, report, ping }: Options): ServedRunner => {
  let welcomed: Welcomed | null = null;
  let [refusals, isDrained] = [0, false];
  const calls = inTurn(report);
  const { send, bye, why } = outgoing(socket);
  const { lastHeardAt } = keepAlive(socket, ping);
  const rate = frameRate(performance.now());
  const late = setTimeout(() => bye("bad-frame", "No hello came in time."), helloMs);
  const notify = (notice: Notice): void => {
    if (welcomed !== null && welcomed.version >= 2 && notice !== "resume") send({ type: "notice", notice });
  };
  const greet = async (text: string): Promise<void> => {
    const answer = await welcome(text).catch((error: unknown): Unwelcome => {
      report(error);
      return { code: "restarting", message: "The host cannot answer now." };
    });
    clearTimeout(late);
    if ("code" in answer) return bye(answer.code, answer.message);
    welcomed = answer;
    send({ type: "welcome", version: answer.version });
    answer.agent.onChange(() => send({ type: "changed" }));
    answer.agent.onNotice(notify);
  };
  const take = async (text: string): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return;
    if (welcomed === null) return greet(text);
    const frame = frameIn(text, runnerFrame);
    if (frame === null || frame.type === "hello")
      return bye("bad-frame", "The host does not understand this frame.");
    if (frame.type === "progress") return welcomed.agent.progress(frame.text);
    if (frame.type === "drained") return void (isDrained = true);
    const answer = await answerFrame(welcomed.agent, frame);
    if (answer.type === "refused") refusals += 1;
    send(answer);
  };
  socket.on("message", (data: Buffer, isBinary) => {
    // Also of one that was told `bye`, and sends on.
    slowDown(socket, rate.spend(data.length, performance.now()));
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return bye("bad-frame", "A frame has to be text.");
    if (calls.waiting() >= wireLimits.waiting)
      return bye("too-much", `More than ${wireLimits.waiting} calls wait for an answer.`);
    calls.add(() => take(data.toString("utf8")));
  });
  // `close` follows: a frame was too long, or the connection broke.
  socket.on("error", () => {});
  const ended = new Promise<string>((resolve) =>
    socket.once("close", () => {
      clearTimeout(late);
      calls.add(async () => welcomed?.agent.close());
      resolve(why() ?? (Date.now() - lastHeardAt() >= ping.silentMs ? "silent" : "broken"));
    }),
  );
  const state = (): ConnectionState => ({
    ...{ version: welcomed?.version ?? null, lastHeardAt: lastHeardAt() },
    ...{ callsWaiting: calls.waiting(), bytesUnread: socket.bufferedAmount, refusals, isDrained },
  });
  return { state, bye, ended, notify };
};

/** What the host says on a connection, and why it ended it. */
const outgoing = (socket: WebSocket) => {
  let why: string | null = null;
  return {
    why: () => why,
    send: (frame: HostFrame): void => {
      if (socket.bufferedAmount > wireLimits.unreadBytes) why ??= "unread";
      sendFrame(socket, frame);
    },
    bye: (code: ByeCode, message: string): void => {
      why ??= code;
      sayBye(socket, code, message);
    },
  };
};

/** Does one piece of work after the other. */
const inTurn = (report: (error: unknown) => void) => {
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    waiting: () => waiting,
    add: (work: () => Promise<void>): void => {
      waiting += 1;
      turn = turn
        .then(work)
        .catch(report)
        .finally(() => (waiting -= 1));
    },
  };
};

/** Reads nothing of a connection for a time, ms: what it sends waits on its own side. */
const slowDown = (socket: WebSocket, ms: number): void => {
  if (ms === 0 || socket.isPaused) return;
  socket.pause();
  setTimeout(() => socket.resume(), ms).unref();
};
