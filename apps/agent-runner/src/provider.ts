import type { Result } from "@gatehouse/std";
import type { ResponseFrame } from "@nc/cli-scope";
import type {
  Destination,
  ReceivedInbound,
  ServerFailure,
  ToolDecision,
  ToolRequest,
} from "@gatehouse/session-rows/messages";
import type { ContainerJson } from "./container-json.ts";
import type { HostTools } from "./host-tools/host-tools.ts";
import type { ToolProgram } from "./host-tools/serve-tools.ts";

/** An agent as the runner uses it: one conversation, turn by turn. */
export type Provider = {
  /** As in container.json. The conversation is kept under this name. */
  readonly name: string;
  /** Called before the first turn, with the conversation to resume, or null for a new one. */
  readonly start: (conversation: string | null) => Promise<Result<null, ProviderError>>;
  /**
   * One turn. It must end soon after `tools.signal` is aborted; the runner does not wait for that, and
   * ignores the result of an aborted turn. The signal's reason is an `AbortReason`. A thrown error counts as `failed`.
   */
  readonly turn: (prompt: Prompt, tools: TurnTools) => Promise<Result<TurnEnd, ProviderError>>;
  /** Ends the agent's processes. Called once, after the last turn. */
  readonly stop: () => void;
  /** It takes prompts with `compacts`. */
  readonly compacts?: true;
  /** Only if the CLI says which MCP servers it has. */
  readonly servers?: { readonly listen: (listener: (state: ServerState) => void) => void };
  /** Only if the CLI begins turns by itself. */
  readonly ownTurns?: {
    readonly listen: (listener: (turn: OwnTurn) => void) => void;
    /** Ends a running one without a text. False if none is running. */
    readonly interrupt: () => boolean;
    /** Ends also what would begin more of them. */
    readonly end: () => void;
  };
};

/** An MCP server of the group that has started, or failed to. It may be reported again and again. */
export type ServerState = { readonly name: string; readonly failure: ServerFailure | null };

/** A turn that the CLI began by itself, because a command in the background has ended. No message is in work. */
export type OwnTurn = {
  /** The same id in each report of the same turn. */
  readonly id: string;
  /** What the agent says, or why it failed. */
  readonly text: string;
  readonly hasFailed: boolean;
};

export type ProviderError = {
  readonly code:
    /** The conversation is unknown. It is forgotten, and a new one is started. */
    | "invalid-conversation"
    /** Tried again after a while: no connection, or an overloaded service. */
    | "unavailable"
    | "failed";
  /** A sentence for the sender. */
  readonly message: string;
};

export type Prompt = {
  /** At least one of them needs an answer. Context (`trigger` false, not `onWake`) needs none. */
  readonly messages: readonly ReceivedInbound[];
  /** The runner's notes for the agent about its last turn, for example that a destination does not exist. */
  readonly notes: readonly string[];
  /**
   * The UUID of the batch that began the turn. The host stores it, so after a kill the same messages come
   * with the same UUID.
   */
  readonly batch: string;
  /** The only message orders to compact the conversation. The answer says what was done, for its sender. */
  readonly compacts?: true | undefined;
};

/** Why a turn is aborted: a person ended it, or the next runner continues it. */
export type AbortReason = "interrupt" | "stop";

export type TurnTools = {
  readonly signal: AbortSignal;
  /** Formats a prompt as one text for a model, with sender, time and origin of each message. */
  readonly promptText: (prompt: Prompt) => string;
  readonly destinations: readonly Destination[];
  /** The rules by which the group's CLI allows tools without asking, as they are at the begin of the turn. */
  readonly toolRules: readonly string[];
  /** The files that came with a message, and their paths. */
  readonly attachmentsOf: (message: ReceivedInbound) => readonly AttachedFile[];
  /** Runs a command of `ncl` as this session's agent, given as argv. */
  readonly ncl: (argv: readonly string[]) => Promise<ResponseFrame>;
  /** The tools that the agent calls by MCP during this turn. */
  readonly hostTools: HostTools;
  /**
   * Asks whether the agent may use a tool now. Waits as long as a person needs; an aborted turn ends the wait
   * and its card.
   */
  readonly askTool: (request: ToolRequest) => Promise<ToolDecision>;
  /** Shows what the agent is writing now, the whole text so far. It is not sent: the answers of the turn are. */
  readonly showText: (text: string) => void;
  /** Declares the tool that the agent uses now, and how long it may take; null when the tool has ended. */
  readonly setTool: (tool: { readonly name: string; readonly timeoutMs: number | null } | null) => void;
};

/** A file that came with a message. */
export type AttachedFile = { readonly name: string; readonly path: string };

export type TurnEnd = {
  readonly answers: readonly Answer[];
  /** The value with which `start` resumes the conversation after this turn; null if there is none. */
  readonly conversation: string | null;
};

/** A text of the agent. */
export type Answer = {
  readonly text: string;
  /** The id of the message that it answers; null if there is none. */
  readonly inReplyTo: string | null;
  /** The name of a destination. Without it the answer goes to the origin of the message. */
  readonly to?: string;
  /**
   * Paths of files to send, at most `attachmentLimits` of `@gatehouse/session-rows`. They are copied when the turn has
   * ended. A file that cannot be copied is left out, and the agent is told.
   */
  readonly files?: readonly string[];
};

/** What a provider is made for: a workload, its configuration, and the way to the model. */
export type ProviderPlace = {
  /** The workload's folder. Files below `out` stay until the session is deleted. */
  readonly folder: string;
  /** The agent's working folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: ContainerJson;
  /** The host's gateway to the models; null if the CLI has to reach them by itself. */
  readonly gateway: Gateway | null;
  /** The MCP server `gatehouse` for a CLI that starts its servers itself. */
  readonly toolProgram: ToolProgram;
};

export type Gateway = {
  /** An address of this machine's loopback, without a path. */
  readonly url: string;
  /** A shell command whose output is the token of this agent for the gateway. */
  readonly tokenCommand: string;
  /** The file with that token. */
  readonly tokenFile: string;
};
