import type { Channel, FromPerson } from "@gatehouse/channels";
import type { Carrier, Central, HeldLease, Settle } from "@gatehouse/control-plane";
import type { ForeignReader } from "@gatehouse/sqlite";
import type { ResponseFrame } from "@nc/cli-scope";
import type { ContainerRuntime } from "@nc/container-runtime";
import type { TlsDoor } from "@gatehouse/socket-server";
import type { SessionSignals } from "@nc/session-db/node";
import type { LoopTimes } from "./loop-times.ts";

/** Where agents dial their host: `unix:PATH` or `tls://HOST:PORT`, with the pin of its certificate if one is needed. */
export type DialPlace = { readonly address: string; readonly pin: string | null };

/** What the host loop is made of. */
export type SessionHostOptions = {
  readonly central: Central;
  /** The folder with `groups/`, and with `sessions/<group>/<session>`, what agents of this account are given. */
  readonly dataDir: string;
  readonly channels: readonly Channel[];
  readonly runtime: ContainerRuntime;
  /** The agent-runner's program: `[process.execPath, "/…/agent-runner.cjs"]`. */
  readonly runner: readonly [string, ...string[]];
  /** The program `ncl` of agents: `[process.execPath, "/…/ncl.cjs"]`. */
  readonly ncl: readonly [string, ...string[]];
  /** The socket that agents dial. Every account may connect; a token says which session an agent is of. */
  readonly runnersSocket: string;
  /** A port that serves agents too. */
  readonly tlsDoor?: Pick<TlsDoor, "serve" | "close">;
  /** Where agents dial. Default: the socket. */
  readonly dial?: DialPlace;
  /** For tests that play an agent. */
  readonly signals?: SessionSignals;
  /** Reads the files of sessions of an older build, for tests: else a program beside the host's own. */
  readonly oldReader?: () => ForeignReader;
  /** Names this host in its leases: unique to the process. */
  readonly owner: string;
  /** Tells this installation from another on the machine, as the runtime does. Else made from `dataDir`. */
  readonly install?: string;
  /** No other host works on this database: leases that an earlier process left are void at once. */
  readonly isAlone: boolean;
  /** How the owners' names of earlier processes of this same host begin: their leases are void at once. */
  readonly ownerPrefix?: string;
  /** Messages are deleted so long after they ended, ms; null, the default, for with their session. */
  readonly keepMessagesMs?: number | null;
  /**
   * Answers a frame of a session's agent (`transports.agent`), and calls `settle` in the transaction of what it does: so
   * a command that changes something is carried out at most once.
   */
  readonly answerAgent: (
    session: { readonly id: string; readonly lease: HeldLease },
    frame: unknown,
    settle: Settle,
  ) => Promise<ResponseFrame>;
  /** Takes a person's answer to a card. Without it such answers are dropped. */
  readonly answerCard?: (message: FromPerson) => Promise<void>;
  /** What happens, for the log: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  readonly report: (error: unknown) => void;
  /** For tests. */
  readonly times?: Partial<LoopTimes>;
};

/** The host loop: messages to agents, agents' answers to chats, containers started and stopped. */
export type SessionHost = {
  /** Adopts or reaps what an earlier host left, wakes what is due, starts the channels. */
  readonly start: () => Promise<void>;
  /** Routes one message; resolves when it is durable in a session, dropped, or refused. */
  readonly take: (message: FromPerson) => Promise<void>;
  /** What commands ask of sessions, for the intents' loop. */
  readonly carriers: Readonly<Record<"wake" | "restart" | "rebuild" | "stop", Carrier>>;
  /** Looks at once how approvals ended. It looks every second anyway. */
  readonly lookForNotes: () => Promise<void>;
  /**
   * Call it when a command changed something: the instructions and the destinations of the sessions that this
   * host holds follow the database.
   */
  readonly refresh: () => Promise<void>;
  /**
   * Stops the containers of this host within 2 s, and gives the leases back. What agents wrote last is delivered for
   * a moment; the rest is left for the next host.
   */
  readonly close: () => Promise<void>;
};
