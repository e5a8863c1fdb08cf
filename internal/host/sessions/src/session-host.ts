import type { Channel, FromPerson } from "@gatehouse/channels";
import type { IntentHandlers } from "@gatehouse/intents";
import type { Central } from "@gatehouse/central-database";
import type { HeldLease, SessionSignals } from "@gatehouse/session-rows";
import type { OrderAnswer, Settle } from "@gatehouse/dispatch";
import type { ResponseFrame } from "@nc/cli-scope";
import type { AgentServerOptions } from "@gatehouse/wire";
import type { AwayPlace, Place, WorkloadDeps } from "@gatehouse/workloads";
import type { LoopTimes } from "./loop-times.ts";

/** The settings that the host loop passes on. */
type OfRooms = Pick<AgentServerOptions, "runnersSocket" | "tlsDoor"> &
  Pick<WorkloadDeps, "dataDir" | "readSecrets">;

/** The dependencies and settings of the host loop. */
export type SessionHostOptions = OfRooms & {
  readonly central: Central;
  readonly channels: readonly Channel[];
  /** Where the agents of this host run. */
  readonly place: Place;
  /** Returns where the agents of a group run. */
  readonly placeOf: (groupId: string) => Promise<Place | AwayPlace>;
  /** For tests that play an agent. */
  readonly signals?: SessionSignals;
  /** The name of this host in its leases, unique for each process. */
  readonly owner: string;
  /** No other host works on this database, so leases of an earlier process are void at once. */
  readonly isAlone: boolean;
  /** Prefix of the owner names of earlier processes of this same host: their leases are void at once. */
  readonly ownerPrefix?: string;
  /** How long ended messages are kept, ms; null, the default: until their session is deleted. */
  readonly keepMessagesMs?: number | null;
  /**
   * Answers a frame of a session's agent (`transports.agent`), and calls `settle` in the transaction of the
   * command, so that a command with an effect is carried out at most once.
   */
  readonly answerAgent: (
    session: { readonly id: string; readonly lease: HeldLease },
    frame: unknown,
    settle: Settle,
  ) => Promise<ResponseFrame>;
  /** Handles a person's answer to a card. Without it such answers are dropped. */
  readonly answerCard?: (message: FromPerson) => Promise<void>;
  /** Called when a person is to be told something: a question was asked or has ended, or owners have a new note. */
  readonly asked?: () => void;
  /** More orders that people give to the host in a chat, by word. */
  readonly orders?: Readonly<Record<string, ChatOrder>>;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  readonly report: (error: unknown) => void;
  /** Times that differ from the defaults. */
  readonly times?: Partial<LoopTimes>;
};

/** An order to the host, in a chat in which the person may write to the group's agent. */
export type GivenOrder = {
  /** The words after the order's name. */
  readonly words: readonly string[];
  readonly userId: string;
  readonly groupId: string;
  /** The chat in which it was given, by its id in the database. */
  readonly chatId: string;
  /** Null if the conversation has no session yet. */
  readonly sessionId: string | null;
  /** The session, which is made if there is none yet; null if the group or the chat was deleted a moment ago. */
  readonly makeSession: () => Promise<string | null>;
};

/** An order to the host. If a host is killed meanwhile, the next one gives it again. */
export type ChatOrder = {
  /** Words may follow its name. Without this a text with more words is for the agent. */
  readonly takesWords?: true;
  readonly answer: (given: GivenOrder) => Promise<OrderAnswer>;
};

/** The host loop: messages to agents, agents' answers to chats, containers started and stopped. */
export type SessionHost = {
  /**
   * Adopts or kills the containers that an earlier host left, wakes sessions with due messages, starts the
   * channels.
   */
  readonly start: () => Promise<void>;
  /** Routes one message; resolves when it is durable in a session, dropped, or refused. */
  readonly receive: (message: FromPerson) => Promise<void>;
  /** Carry out the intents of commands about sessions. */
  readonly handlers: Required<Omit<IntentHandlers, "reload">>;
  /** Follows up on notes and ended approvals at once. A timer finds missed ones. */
  readonly followApprovals: () => Promise<void>;
  /**
   * Call it after a command changed something: updates the instructions and destinations of the sessions that
   * this host leases, and follows up on approvals that were asked for or answered.
   */
  readonly refresh: () => Promise<void>;
  /**
   * Stops the containers of this host within 2 s, and gives the leases back. The agents' last messages are
   * delivered for a short time; the rest is left for the next host. With `leaveAgents` the containers run on, also
   * those that start now, and their agents connect to the next host, which adopts them.
   */
  readonly close: (how?: { readonly leaveAgents?: boolean }) => Promise<void>;
};
