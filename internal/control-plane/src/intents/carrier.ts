import type { CommandError, Json, Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";

/** The kinds of work that an act may ask the host to do. */
export type IntentKind = "wake" | "stop" | "restart" | "rebuild" | "reload";

/** How an intent ended: the reply to the command that asked for it. */
export type Outcome = Result<Reply, CommandError>;

/**
 * Carries out an intent. It must be idempotent: after a kill between its end and the write of its outcome,
 * the next start calls it again with the same payload (at-least-once). It runs in no transaction and may open
 * its own. The intent's id is the same each time: what a carrier writes elsewhere can be named by it.
 *
 * Null: the host closes, and did not carry it out. The intent stays open for the next host.
 */
export type Carrier = (payload: Json, intentId: string) => Promise<Outcome | null>;

/** The carrier of each kind that this host carries out. The module that does the work provides it. */
export type Carriers = Readonly<Partial<Record<IntentKind, Carrier>>>;
