import type { Duplex } from "node:stream";
import type { RunnerServer } from "./runner-server.ts";
import type { Workload } from "@gatehouse/session-rows";
import { removeWireState, writeWireState, type ClosedConnection, type WireState } from "./wire-state.ts";

/** Interval of the checks of the connections, ms. */
const viewMs = 2_000;

/**
 * If only the times of the agents' last frames changed, the file is written at most this often, ms: 100 idle
 * agents would change it every time.
 */
const heardMs = 20_000;

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
  return {
    welcomed: (stream, workload) => {
      workloads.set(stream, workload);
      log("agent-connected", { session: workload.sessionId, incarnation: workload.incarnation });
    },
    ended: (stream, why) => {
      const workload = workloads.get(stream);
      ended[why] = (ended[why] ?? 0) + 1;
      lastClosed = { session: workload?.sessionId ?? null, why, at: now() };
      // Connections without a token are only counted, because they could fill the log.
      if (workload !== undefined)
        log("agent-disconnected", { session: workload.sessionId, incarnation: workload.incarnation, why });
    },
    start: (connections) => {
      let written = Promise.resolve();
      let last = { text: "", at: -Infinity };
      const view = (): void => {
        const state = stateOf(connections());
        const text = JSON.stringify(state, (key, value: unknown) => (key === "lastHeardAt" ? null : value));
        const at = performance.now();
        if (text === last.text && at - last.at < heardMs) return;
        last = { text, at };
        written = written.then(() => writeWireState(dataDir, state));
      };
      view();
      const timer = setInterval(view, viewMs);
      timer.unref();
      return async () => {
        clearInterval(timer);
        await written;
        await removeWireState(dataDir);
      };
    },
  };
};
