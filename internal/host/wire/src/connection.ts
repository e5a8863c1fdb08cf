import type { WebSocket } from "ws";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { turns } from "@gatehouse/std";
import { frameIn, runnerFrame, wireLimits, wireVersion, type ByeCode, type HostFrame } from "./frames.ts";
import { answerFrame } from "./answer-frame.ts";
import type { ServedLine } from "./serve-lines.ts";
import { tokenBucket } from "./token-bucket.ts";

/** The reason why a runner is refused. */
export type Unwelcome = { readonly code: ByeCode; readonly message: string };

/** State of a connection. It contains neither a token nor a text. */
export type ConnectionState = {
  /** The version of the wire; null until the runner is welcomed. */
  readonly version: number | null;
  /** When the last frame or pong came, ms since the epoch. */
  readonly lastHeardAt: number;
  /** Calls that wait for their turn. */
  readonly callsWaiting: number;
  /** Bytes that the runner has not read. */
  readonly bytesUnread: number;
  /** Calls that were answered with a refusal. */
  readonly refusals: number;
  /** The runner has reported that nothing is in work since the host sent `drain`. */
  readonly isDrained: boolean;
};

export type RunnerConnection = {
  readonly state: () => ConnectionState;
  readonly bye: (code: ByeCode, message: string) => void;
  /** Tells the runner that the host stops. */
  readonly drain: () => void;
  /** Resolves with the reason why the connection ended: a code of `bye`, or `silent`, `unread`, `broken`. */
  readonly ended: Promise<string>;
};

type Options = {
  readonly line: ServedLine<HostFrame>;
  /**
   * Decides, from the first frame of a connection, whether to welcome the runner. Resolves with the agent's
   * side that a welcomed runner may use.
   */
  readonly welcome: (text: string) => Promise<AgentSide | Unwelcome>;
  readonly report: (error: unknown) => void;
};

/**
 * Limits for the frames of a runner. A frame costs one unit, and one more for each `unitBytes` of its length. The
 * bucket is full at first, because a runner that dials again repeats its calls.
 */
const frameLimits = { perSecond: 200, burst: 500, unitBytes: 4_096 } as const;

/**
 * Serves one connection. Calls run one after the other, in the order of arrival, so that no call overtakes a
 * commit.
 */
export const openConnection = ({ line, welcome, report }: Options): RunnerConnection => {
  const { socket, send, bye, ended } = line;
  let agent: AgentSide | null = null;
  let [refusals, isDrained] = [0, false];
  const calls = turns();
  const add = (work: () => Promise<void>): void => void calls.inTurn("frames", work).catch(report);
  const rate = tokenBucket(frameLimits, performance.now());
  const drain = (): void => {
    if (agent !== null) send({ type: "notice", notice: "drain" });
  };
  const greet = async (text: string): Promise<void> => {
    // Before the database is asked, which may take long while other hosts use it.
    line.greeted();
    const answer = await welcome(text).catch((error: unknown): Unwelcome => {
      report(error);
      return { code: "restarting", message: "The host cannot answer now." };
    });
    if ("code" in answer) return bye(answer.code, answer.message);
    agent = answer;
    send({ type: "welcome" });
    agent.onChange(() => send({ type: "changed" }));
  };
  const receive = async (text: string): Promise<void> => {
    if (socket.readyState !== socket.OPEN) return;
    if (agent === null) return greet(text);
    const frame = frameIn(text, runnerFrame);
    if (frame === null || frame.type === "hello")
      return bye("bad-frame", "The host does not understand this frame.");
    if (frame.type === "progress") return agent.progress(frame);
    if (frame.type === "drained") return void (isDrained = true);
    const answer = await answerFrame(agent, frame);
    if (answer.type === "refused") refusals += 1;
    send(answer);
  };
  socket.on("message", (data: Buffer, isBinary) => {
    // This also slows down a runner that got `bye` and keeps sending.
    const units = 1 + Math.floor(data.length / frameLimits.unitBytes);
    slowDown(socket, rate.spend(units, performance.now()));
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary) return bye("bad-frame", "A frame has to be text.");
    if (calls.waiting() >= wireLimits.waiting)
      return bye("too-much", `More than ${wireLimits.waiting} calls wait for an answer.`);
    add(() => receive(data.toString("utf8")));
  });
  void ended.then(() => add(async () => agent?.close()));
  const state = (): ConnectionState => ({
    version: agent === null ? null : wireVersion,
    lastHeardAt: line.lastHeardAt(),
    callsWaiting: calls.waiting(),
    bytesUnread: socket.bufferedAmount,
    refusals,
    isDrained,
  });
  return { state, bye, ended, drain };
};

/** Stops reading a connection for this time, ms: its data waits at the sender. */
const slowDown = (socket: WebSocket, ms: number): void => {
  if (ms === 0 || socket.isPaused) return;
  socket.pause();
  setTimeout(() => socket.resume(), ms).unref();
};
