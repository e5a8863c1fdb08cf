import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { frameIn, runnerFrame, wireLimits, wireVersion, type HostFrame } from "./frames.ts";
import { defaultPingMs } from "./keep-alive.ts";
import { openConnection, type ConnectionState, type RunnerConnection, type Unwelcome } from "./connection.ts";
import { serveLines, type ServedLine } from "./serve-lines.ts";

/** The URL path on which runners connect. Any other path is refused. */
export const runnerPath = "/runner";

export type RunnerServerOptions = {
  /**
   * The agent's side of the session that a token belongs to; null if the token is unknown or revoked.
   * `stream` is the connection on which the token came.
   */
  readonly open: (token: string, stream: Duplex) => Promise<AgentSide | null>;
  /** Called with a runner's token before that runner is refused because it speaks another version. */
  readonly outdated?: (token: string, version: number) => Promise<void>;
  /** Called with a bug of this program that a connection uncovered. */
  readonly report: (error: unknown) => void;
  /**
   * Called when a connection has ended, with the reason: a code of `bye`, or `silent`, `unread`, `broken`.
   */
  readonly ended?: (stream: Duplex, why: string) => void;
  /** For tests. */
  readonly pingMs?: number;
};

export type RunnerServer = {
  /** The open connections, each with its stream. */
  readonly connections: () => readonly (ConnectionState & { readonly stream: Duplex })[];
  /** Tells all runners that the host stops soon, so that they claim nothing new. */
  readonly drain: () => void;
  /** Tells all runners that the host restarts, and closes their connections. */
  readonly close: () => void;
};

/**
 * Serves runners on an HTTP server, each over one WebSocket. A new connection with a token replaces the older
 * one.
 */
export const openRunnerServer = (
  server: Server,
  { open, outdated, report, ended, pingMs = defaultPingMs }: RunnerServerOptions,
): RunnerServer => {
  const byToken = new Map<string, RunnerConnection>();
  const streams = new Map<RunnerConnection, Duplex>();
  const banned = bannedTokens();

  const serve = (line: ServedLine<HostFrame>, stream: Duplex): void => {
    const welcome = async (text: string): Promise<AgentSide | Unwelcome> => {
      const hello = frameIn(text, runnerFrame);
      if (hello?.type !== "hello") return { code: "bad-frame", message: "The first frame has to be hello." };
      if (hello.version !== wireVersion) {
        await outdated?.(hello.token, hello.version);
        return { code: "unknown-version", message: otherVersion(hello.version) };
      }
      if (banned.has(hello.token)) return { code: "too-much", message: bannedMessage };
      const agent = await open(hello.token, stream);
      if (agent === null)
        return { code: "unknown-token", message: "The host does not know this token, or it is over." };
      byToken.get(hello.token)?.bye("replaced", "The token is used by a newer connection.");
      byToken.set(hello.token, connection);
      void connection.ended.then((why) => {
        if (why === "too-much") banned.add(hello.token);
        if (byToken.get(hello.token) === connection) byToken.delete(hello.token);
      });
      return agent;
    };
    const connection = openConnection({ line, welcome, report });
    streams.set(connection, stream);
    void connection.ended.then((why) => {
      streams.delete(connection);
      ended?.(stream, why);
    });
  };
  const close = serveLines<HostFrame>(server, {
    path: runnerPath,
    mostBytes: wireLimits.frameBytes,
    mostUnread: wireLimits.unreadBytes,
    pingMs,
    serve,
  });
  return {
    connections: () => [...streams].map(([connection, stream]) => ({ ...connection.state(), stream })),
    drain: () => {
      for (const connection of streams.keys()) connection.drain();
    },
    close,
  };
};

/** How long an agent that made too many calls is refused, ms. */
const bannedMs = 5_000;

const bannedMessage = `It was cut off for too many calls, and may connect again after ${bannedMs / 1_000} s.`;

/** The tokens of agents that were disconnected a moment ago for too many calls. */
const bannedTokens = () => {
  const until = new Map<string, number>();
  return {
    add: (token: string): void => {
      for (const [other, end] of until) if (end <= performance.now()) until.delete(other);
      until.set(token, performance.now() + bannedMs);
    },
    has: (token: string): boolean => (until.get(token) ?? 0) > performance.now(),
  };
};

const otherVersion = (version: number): string =>
  `The host speaks version ${wireVersion} of the wire, and the runner version ${version}.`;
