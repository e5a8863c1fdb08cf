import type { ReceivedInbound, RunnerSide } from "@gatehouse/session-rows/messages";
import type { HostTools } from "../host-tools/host-tools.ts";
import type { NclRelay } from "../ncl/relay.ts";
import type { Clock } from "../clock.ts";
import type { FetchFiles } from "../inbox.ts";
import type { PromptPlace } from "../prompt/prompt-text.ts";
import type { ToolPaths } from "../real-path.ts";
import type { Calls } from "./calls.ts";
import type { RunCommand } from "../task-command.ts";
import type { GivenOrder } from "./next-work.ts";
import type { Turns } from "./turns.ts";
import type { PutFiles } from "./with-files.ts";

/** The agent's dependencies. */
export type AgentDeps = {
  readonly side: RunnerSide;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly relay: NclRelay;
  readonly maxMessages: number;
  /** The agent's group. */
  readonly groupId: string;
  /** The agent's name, the time zone of prompts, and the folder with their attachments. */
  readonly promptPlace: Omit<PromptPlace, "destinations">;
  readonly putFiles: PutFiles;
  readonly fetchFiles: FetchFiles;
  /** Finds where the paths of a tool's input lead. */
  readonly pathsIn: (input: unknown) => Promise<ToolPaths>;
  /** Runs the command of a task. */
  readonly runCommand: RunCommand;
  /** The incarnation of this container. */
  readonly incarnation: number;
  /** A new UUID. */
  readonly newId: () => string;
};

/** The agent's dependencies and its state. */
export type Agent = AgentDeps & {
  readonly turns: Turns;
  /** Makes the loop poll again. */
  readonly wake: () => void;
  readonly lastThreads: Map<string, string | null>;
  /** Notes for the agent's next turn. */
  readonly notes: string[];
  isFirst: boolean;
  /** The id of the batch in which the host may claim the next message, while the agent has no work. */
  offer: string;
  isStopped: boolean;
  /** The host stops soon: nothing new is claimed until a host welcomes the agent. */
  isDraining: boolean;
  /** The messages for the next turn, if a task's command has woken the agent; null if they have to be received. */
  awakened: readonly ReceivedInbound[] | null;
  turn: ActiveTurn | null;
  /** Resolves when the last turn has ended, including its commit. */
  turnEnd: Promise<void>;
};

/** A running turn. */
export type ActiveTurn = {
  readonly messages: readonly ReceivedInbound[];
  /** The messages that existed when it began: an order among these does not interrupt it. */
  readonly seen: ReadonlySet<string>;
  readonly abort: AbortController;
  readonly hostTools: HostTools;
  /** The order that interrupts this turn. */
  order: GivenOrder | null;
  isInTool: boolean;
  /** The messages that were reported as waiting to their senders. */
  readonly toldWaiting: Set<string>;
};
