import type { Duplex } from "node:stream";
import type { RunnerServer } from "./runner-server.ts";
import type { Workload } from "@gatehouse/session-rows";
import { removeWireState, writeWireState, type ClosedConnection, type WireState } from "./wire-state.ts";

/** Interval of the views, ms. One more comes soon after an agent has connected or gone. */
const [viewMs, soonMs] = [20_000, 1_000];

/** Records which agents are connected, for the log and for `gatehouse status`. */
export type AgentWatch = {
  readonly welcomed: (stream: Duplex, workload: Workload) => void;
  readonly ended: (stream: Duplex, why: string) => void;
  /** Starts to write the view periodically. Returns a function that stops it. */
  readonly start: (connections: RunnerServer["connections"]) => () => Promise<void>;
};

export type WatchOptions = {
  /** The folder for the state that `gatehouse status` shows. */
  readonly dataDir: string;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
};

export const watchAgents = ({ dataDir, log, now }: WatchOptions): AgentWatch => {
  const workloads = new WeakMap<Duplex, Workload>();
  const ended: Record<string, number> = {};
  let lastClosed: ClosedConnection | null = null;
  const stateOf = (connections: ReturnType<RunnerServer["connections"]>): WireState => ({
    agents: connections.flatMap(({ stream, lastHeardAt, callsWaiting, bytesUnread, refusals, version }) => {
      const workload = workloads.get(stream);
      if (workload === undefined) return [];
      const { sessionId: session, incarnation } = workload;
      const heard = { version, lastHeardAt: new Date(lastHeardAt).toISOString() };
      return [{ session, incarnation, ...heard, callsWaiting, bytesUnread, refusals }];
    }),
    ended: { ...ended },
    lastClosed,
  });
  let viewSoon = (): void => {};
  return {
    welcomed: (stream, workload) => {
      workloads.set(stream, workload);
      viewSoon();
      log("agent-connected", { session: workload.sessionId, incarnation: workload.incarnation });
    },
    ended: (stream, why) => {
      const workload = workloads.get(stream);
      ended[why] = (ended[why] ?? 0) + 1;
      viewSoon();
      lastClosed = { session: workload?.sessionId ?? null, why, at: now() };
      // Connections without a token are only counted, because they could fill the log.
      if (workload !== undefined)
        log("agent-disconnected", { session: workload.sessionId, incarnation: workload.incarnation, why });
    },
    start: (connections) => {
      let written = Promise.resolve();
      let soon: NodeJS.Timeout | undefined;
      const view = (): void => {
        soon = void clearTimeout(soon);
        written = written.then(() => writeWireState(dataDir, stateOf(connections())));
      };
      view();
      viewSoon = () => void (soon ??= setTimeout(view, soonMs).unref());
      const timer = setInterval(view, viewMs).unref();
      return async () => {
        viewSoon = () => {};
        clearTimeout(soon);
        clearInterval(timer);
        await written;
        await removeWireState(dataDir);
      };
    },
  };
};
