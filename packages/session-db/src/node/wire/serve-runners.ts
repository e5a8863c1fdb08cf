import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { AgentEnd } from "../../transport.ts";
import { frameIn, runnerFrame, versionOf, wireLimits, wireVersions } from "../../wire/frames.ts";
import { defaultPing, type PingTimes } from "./keep-alive.ts";
import {
  serveRunner,
  type ConnectionState,
  type ServedRunner,
  type Unwelcome,
  type Welcomed,
} from "./serve-runner.ts";

/** The path on which runners connect. Every other one is refused. */
export const runnerPath = "/runner";

export type RunnerServerOptions = {
  /**
   * The agent's side of the session that a token belongs to; null for a token that is unknown or over. `stream` is what
   * it came on.
   */
  readonly open: (token: string, stream: Duplex) => Promise<AgentEnd | null>;
  /** Called before a runner is refused that speaks none of the host's versions, with its token. */
  readonly outdated?: (token: string, versions: readonly number[]) => Promise<void>;
  /** An error of ours while a connection was served. */
  readonly report: (error: unknown) => void;
  /** Called when a connection has ended, with why: a code of `bye`, or `silent`, `unread`, `broken`. */
  readonly ended?: (stream: Duplex, why: string) => void;
  /** For tests. */
  readonly ping?: PingTimes;
};

export type RunnerServer = {
  /** The connections that there are, each with the stream that it came on. */
  readonly connections: () => readonly (ConnectionState & { readonly stream: Duplex })[];
  /** Says to all runners that the host stops soon: they claim nothing new. */
  readonly drain: () => void;
  /** Says to all runners that the host restarts, and ends their connections. */
  readonly close: () => void;
};

/** Serves runners on an HTTP server: one WebSocket for each. The newest connection of a token replaces the others. */
export const serveRunners = (
  server: Server,
  { open, outdated, report, ended, ping = defaultPing }: RunnerServerOptions,
): RunnerServer => {
  const sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: wireLimits.frameBytes, perMessageDeflate: false },
  });
  const byToken = new Map<string, ServedRunner>();
  const served = new Map<ServedRunner, Duplex>();
  const banned = bannedTokens();

  const serve = (socket: WebSocket, stream: Duplex): void => {
    const welcome = async (text: string): Promise<Welcomed | Unwelcome> => {
      const hello = frameIn(text, runnerFrame);
      if (hello?.type !== "hello") return { code: "bad-frame", message: "The first frame has to be hello." };
      const version = versionOf(hello.versions);
      if (version === null) {
        await outdated?.(hello.token, hello.versions);
        return { code: "unknown-version", message: noneOf(hello.versions) };
      }
      if (banned.has(hello.token)) return { code: "too-much", message: bannedMessage };
      const agent = await open(hello.token, stream);
      if (agent === null)
        return { code: "unknown-token", message: "The host does not know this token, or it is over." };
      byToken.get(hello.token)?.bye("replaced", "The token is used by a newer connection.");
      byToken.set(hello.token, runner);
      void runner.ended.then((why) => {
        if (why === "too-much") banned.add(hello.token);
        if (byToken.get(hello.token) === runner) byToken.delete(hello.token);
      });
      return { agent, version };
    };
    const runner = serveRunner({ socket, welcome, report, ping });
    served.set(runner, stream);
    void runner.ended.then((why) => {
      served.delete(runner);
      ended?.(stream, why);
    });
  };
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (request.url !== runnerPath) return void stream.end("HTTP/1.1 404 Not Found\r\n\r\n");
    sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, stream));
  };
  server.on("upgrade", upgrade);
  return {
    connections: () => [...served].map(([runner, stream]) => ({ ...runner.state(), stream })),
    drain: () => {
      for (const runner of served.keys()) runner.notify("drain");
    },
    close: () => {
      server.off("upgrade", upgrade);
      for (const runner of served.keys()) runner.bye("restarting", "The host stops.");
      sockets.close();
    },
  };
};

/** For so long an agent that was cut off for too many calls is not welcome, ms. */
const bannedMs = 5_000;

const bannedMessage = `It was cut off for too many calls, and may connect again after ${bannedMs / 1_000} s.`;

/** The tokens of agents that were cut off a moment ago. */
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

const noneOf = (versions: readonly number[]): string =>
  `The host speaks versions ${wireVersions.join(" and ")} of the wire, and the runner ${versions.join(" and ")}.`;
