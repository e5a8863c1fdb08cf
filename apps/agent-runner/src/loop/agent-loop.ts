import type { AgentSide } from "@gatehouse/session-rows/messages";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { HostTools } from "../host-tools/host-tools.ts";
import type { Provider, ServerState } from "../provider.ts";
import { obeyNotice, sendOwnTurn, stop, tick } from "./agent.ts";
import type { Agent, AgentDeps } from "./agent-state.ts";
import { openConversation } from "./conversation.ts";
import { followServers, sendReport } from "./reports.ts";
import { createTurns } from "./turns.ts";
import { createWaker } from "./waker.ts";

export type LoopOptions = AgentDeps & {
  readonly provider: Provider;
  /** Notes for the agent in its first prompt. */
  readonly notes: readonly string[];
  /** The MCP servers that were left out. */
  readonly leftOut: readonly ServerState[];
};

/** The loop of an agent: it receives messages, runs one turn at a time, and commits the result. */
export type AgentLoop = {
  /** The host tools of the running turn; null between two turns. */
  readonly hostTools: () => HostTools | null;
  /** Claims nothing new and leaves an unfinished turn claimed. Resolves when no write is under way. */
  readonly stop: () => Promise<void>;
};

/** Starts the loop. Signals of the transport wake it; the slow poll finds missed ones. */
export const startLoop = ({ provider, notes, leftOut, ...deps }: LoopOptions): AgentLoop => {
  const { side, calls, clock } = deps;
  const waker = createWaker(clock);
  const agent: Agent = {
    ...deps,
    turns: createTurns(provider, openConversation(provider.name, side, calls), calls, {
      lost: (batch) => sendReport(agent, batch, { report: "conversation-lost" }),
    }),
    wake: waker.wake,
    lastThreads: new Map(),
    notes: [...notes],
    isFirst: true,
    offer: deps.newId(),
    isStopped: false,
    isDraining: false,
    awakened: null,
    turn: null,
    turnEnd: Promise.resolve(),
  };
  const followServer = followServers(agent);
  leftOut.forEach(followServer);
  provider.servers?.listen(followServer);
  provider.ownTurns?.listen((turn) => void sendOwnTurn(agent, turn));
  const unsubscribe = side.onChange(waker.wake);
  const ignoreNotices = side.onNotice((notice) => obeyNotice(agent, notice));
  const stopBeating = beat(side, clock);
  const running = run(agent, waker.wait);
  return {
    hostTools: () => (agent.turn?.abort.signal.aborted === false ? agent.turn.hostTools : null),
    stop: async () => {
      stopBeating();
      unsubscribe();
      ignoreNotices();
      const stopped = stop(agent);
      waker.wake();
      await running;
      await stopped;
    },
  };
};

const run = async (agent: Agent, wait: (ms: number) => Promise<boolean>): Promise<void> => {
  for (let isWoken = true; !agent.isStopped; isWoken = await wait(limits.pollMs)) await tick(agent, isWoken);
};

const beat = (side: AgentSide, clock: Clock): (() => void) => {
  void side.heartbeat();
  let cancel = clock.after(limits.heartbeatMs, () => {
    cancel = beat(side, clock);
  });
  return () => cancel();
};
