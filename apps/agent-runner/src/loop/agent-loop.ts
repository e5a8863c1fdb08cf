import type { AgentEnd } from "@nc/session-db";
import type { Carrier } from "../ncl/carrier.ts";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Provider } from "../provider.ts";
import { heed, stop, tick, type Agent } from "./agent.ts";
import type { Calls } from "./calls.ts";
import { openConversation } from "./conversation.ts";
import { createTurns } from "./turns.ts";
import { createWaker } from "./waker.ts";

export type LoopOptions = {
  readonly end: AgentEnd;
  readonly provider: Provider;
  readonly maxMessages: number;
  /** The time zone of prompts, and the folder with their attachments. */
  readonly promptPlace: Agent["promptPlace"];
  readonly putFiles: Agent["putFiles"];
  readonly fetchFiles: Agent["fetchFiles"];
  readonly incarnation: number;
  readonly newId: Agent["newId"];
  readonly clock: Clock;
  readonly calls: Calls;
  readonly carrier: Carrier;
};

/** The loop of an agent: it takes messages, has one turn at a time, and writes what came of it. */
export type AgentLoop = {
  /** Claims nothing new and leaves an unfinished turn claimed. Resolves when no write is under way. */
  readonly stop: () => Promise<void>;
};

/** Starts the loop. It is woken by a change of the transport; the slow poll is its safety net. */
export const startLoop = ({ provider, clock, ...parts }: LoopOptions): AgentLoop => {
  const { end, calls } = parts;
  const waker = createWaker(clock);
  const agent: Agent = {
    ...parts,
    turns: createTurns(provider, openConversation(provider.name, end, calls), calls),
    wake: waker.wake,
    lastThreads: new Map(),
    carried: [],
    carriedBatch: "",
    notes: [],
    isFirst: true,
    isStopped: false,
    isDraining: false,
    turn: null,
    turnEnd: Promise.resolve(),
  };
  const unsubscribe = end.onChange(waker.wake);
  const unheeded = end.onNotice((notice) => heed(agent, notice));
  const stopBeating = beat(end, clock);
  const running = run(agent, waker.wait);
  return {
    stop: async () => {
      stopBeating();
      unsubscribe();
      unheeded();
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

const beat = (end: AgentEnd, clock: Clock): (() => void) => {
  void end.heartbeat();
  let cancel = clock.after(limits.heartbeatMs, () => {
    cancel = beat(end, clock);
  });
  return () => cancel();
};
