import type { Result } from "@gatehouse/std";
import type { Call, Command, CommandError, Intent, Reply } from "../commands/command.ts";
import type { Actor, AgentActor, Authorization } from "../decision/actor.ts";
import type { DecisionEntry, HeldCommand } from "../decision/decision.ts";
import type { Policy } from "../decision/policy.ts";
import type { Choice } from "../problems/problem.ts";

/** How far a context reaches: one agent group, or all of them. */
export type Reach = { readonly groupId: string } | "all";

/** Runs a handler in a context of this reach. The context cannot name anything out of reach. */
export type RunInContext<Context> = <T, E>(
  reach: Reach,
  run: (context: Context) => Promise<Result<T, E>>,
) => Promise<Result<T, E>>;

/** The caller that asked for an intent, and the command it used. */
export type IntentSource = { readonly actor: Actor; readonly command: string };

/** What dispatch needs from a host that has acts. */
export type ActHost<Context> = {
  /**
   * Writes the intent that `intentOf` returns, in one transaction, and returns its id. If `intentOf` fails,
   * nothing is written.
   */
  readonly ask: (
    source: IntentSource,
    reach: Reach,
    intentOf: (context: Context) => Promise<Result<Intent, CommandError>>,
  ) => Promise<Result<string, CommandError>>;
  /**
   * Waits for the outcome of an intent, for a time that the host limits; null if there is no outcome by then.
   */
  readonly outcome: (intentId: string) => Promise<Result<Reply, CommandError> | null>;
  /** The words of the command that shows an outcome later: `intents get`. The intent's id goes behind them. */
  readonly lookUp?: string;
};

/** The rows of one resource that a caller may name. */
export type ReferredRows = {
  /**
   * Whether a command of this caller may be about the row. A row out of reach counts as missing, and takes
   * the same steps. True for every id of a resource whose rows the caller never sees.
   */
  readonly has: (id: string) => Promise<boolean>;
  /** The rows that a text means by `rowsMeant`: none, one, or several if it is ambiguous. */
  readonly meant: (text: string) => Promise<readonly Choice[]>;
  /** Checks if a text has the form of a generated id; null for a resource whose ids its callers choose. */
  readonly isIdForm: ((text: string) => boolean) | null;
  /** The rows whose id or name begins with this text, the newest first. */
  readonly beginning: (text: string, limit: number) => Promise<readonly Choice[]>;
};

/**
 * What dispatch needs from the host. `Reading` is the part of the context that cannot write; by default, all
 * of it.
 */
export type CommandHost<Context extends Reading, Reading = Context> = {
  readonly commands: readonly Command<Context, Reading>[];
  /** Words of no command that people look for, `users delete`, and a sentence with what to do instead. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** The access policy. By default, the rules and scopes of this package. */
  readonly policy?: Policy;
  /**
   * Reads the authorization at every call, so a change applies at once; null if the session or its group is
   * gone.
   */
  readonly authorization: (actor: AgentActor) => Promise<Authorization | null>;
  /**
   * For `--as-group`: the authorization of a session of this group without a conversation; null if there is
   * no such group.
   */
  readonly groupAuthorization: (groupId: string) => Promise<Authorization | null>;
  /** Runs a read. Its context cannot write. */
  readonly read: RunInContext<Context>;
  /**
   * Runs a change in one transaction: committed if the result is ok, rolled back if not. The result of `dispatch` is
   * complete by then, so a host may keep it in the same transaction (`responseFrame`).
   */
  readonly change: RunInContext<Context>;
  /** Required if a command is an act. */
  readonly acts?: ActHost<Context>;
  /**
   * The rows of a resource, by its plural, within reach of this context; null if the host has none to look
   * up. Without it, flags that refer to rows are not checked before a command is held, and not completed.
   */
  readonly referred?: (call: Call<Reading>, resource: string) => ReferredRows | null;
  /** Stores a command until a person has answered, and returns the id of the approval. */
  readonly hold: (held: HeldCommand) => Promise<Result<string, CommandError>>;
  /** Writes one decision to the log. */
  readonly record: (entry: DecisionEntry) => Promise<void>;
  /** One sentence for each resource by its plural, for help. */
  readonly resources?: Readonly<Record<string, string>>;
  /**
   * The sentence for the caller about an exception that is not a bug, such as a busy store; null for any
   * other exception.
   */
  readonly troubleOf?: (error: unknown) => string | null;
  /** Receives an exception that is a bug. The caller learns only that a bug occurred. */
  readonly report?: (error: unknown) => void;
};
