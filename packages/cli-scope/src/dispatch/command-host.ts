import type { Result } from "@gatehouse/std";
import type { Command, CommandError, Intent, Reply } from "../commands/command.ts";
import type { Actor, AgentActor, Authorization } from "../decision/actor.ts";
import type { DecisionEntry, HeldCommand } from "../decision/decision.ts";
import type { Policy } from "../decision/policy.ts";

/** How far a context reaches: one agent group, or all of them. */
export type Reach = { readonly groupId: string } | "all";

/** Runs a handler in a context of this reach, which cannot name what is out of reach. */
export type RunInContext<Context> = <T, E>(
  reach: Reach,
  run: (context: Context) => Promise<Result<T, E>>,
) => Promise<Result<T, E>>;

/** Who asked for an intent, and by which command. */
export type IntentSource = { readonly actor: Actor; readonly command: string };

/** What dispatch needs of a host that has acts. */
export type ActHost<Context> = {
  /** Writes the intent that `intentOf` gives, in one transaction, and gives its id. Nothing is written if it refuses. */
  readonly ask: (
    source: IntentSource,
    reach: Reach,
    intentOf: (context: Context) => Promise<Result<Intent, CommandError>>,
  ) => Promise<Result<string, CommandError>>;
  /** Waits for the outcome of an intent, for a time that the host bounds; null if there is none by then. */
  readonly outcome: (intentId: string) => Promise<Result<Reply, CommandError> | null>;
};

/** What dispatch needs of the host. */
export type CommandHost<Context> = {
  readonly commands: readonly Command<Context>[];
  /** Who may do what. Without it the rules and scopes of this package. */
  readonly policy?: Policy;
  /** Read at every call, so that a change counts at once; null when the session or its group is gone. */
  readonly authorization: (actor: AgentActor) => Promise<Authorization | null>;
  /** The authorization of a session of this group that is in no conversation; null when there is no such group. For `can --as-group`. */
  readonly groupAuthorization: (groupId: string) => Promise<Authorization | null>;
  /** Runs a read. Its context cannot write. */
  readonly read: RunInContext<Context>;
  /** Runs a change in one transaction: committed if the result is ok, rolled back if not. */
  readonly change: RunInContext<Context>;
  /** Needed once a command is an act. */
  readonly acts?: ActHost<Context>;
  /** Keeps a command until a person has answered. Gives the id of the approval. */
  readonly hold: (held: HeldCommand) => Promise<Result<string, CommandError>>;
  /** Keeps one decision. */
  readonly record: (entry: DecisionEntry) => Promise<void>;
  /** One sentence for each resource by its plural, for help. */
  readonly resources?: Readonly<Record<string, string>>;
  /** The sentence a caller gets for an exception that is no bug, such as a busy store; null for all others. */
  readonly troubleOf?: (error: unknown) => string | null;
  /** Told of an exception that is a bug. The caller learns only that there was one. */
  readonly report?: (error: unknown) => void;
};
