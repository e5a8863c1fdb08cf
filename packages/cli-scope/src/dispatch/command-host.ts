import type { Result } from "@gatehouse/std";
import type { Call, Command, CommandError, Intent, Reply } from "../commands/command.ts";
import type { Actor, AgentActor, Authorization } from "../decision/actor.ts";
import type { DecisionEntry, HeldCommand } from "../decision/decision.ts";
import type { Policy } from "../decision/policy.ts";
import type { Choice } from "../problems/problem.ts";

/** The reach of a context: one agent group, or all groups. */
export type Reach = { readonly groupId: string } | "all";

/** Runs a handler in a context of this reach. The context cannot name anything out of reach. */
export type RunInContext<Context> = <T, E>(
  reach: Reach,
  run: (context: Context) => Promise<Result<T, E>>,
) => Promise<Result<T, E>>;

/** The caller that asked for an intent, and the command it used. */
export type IntentSource = { readonly actor: Actor; readonly command: string };

/** The functions that dispatch needs from a host with acts. */
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
  /** Waits for the outcome of an intent, up to a limit of the host; null if there is no outcome by then. */
  readonly outcome: (intentId: string) => Promise<Result<Reply, CommandError> | null>;
  /**
   * The words of the command that shows an outcome later, such as `intents get`. The intent's id follows
   * them.
   */
  readonly lookUp?: string;
};

/** The rows of one resource that a caller may name. */
export type ReferredRows = {
  /**
   * True if a command of this caller may name the row. A row out of reach counts as missing, and runs through
   * the same steps. True for every id of a resource whose rows the caller never sees.
   */
  readonly has: (id: string) => Promise<boolean>;
  /** The rows that `rowsMeant` finds for a text: none, one, or several if the text is ambiguous. */
  readonly meant: (text: string) => Promise<readonly Choice[]>;
  /** True if a text has the form of a generated id. Null for a resource whose ids are chosen by callers. */
  readonly isIdForm: ((text: string) => boolean) | null;
  /** The rows whose id or name begins with this text, the newest first. */
  readonly beginning: (text: string, limit: number) => Promise<readonly Choice[]>;
};

/**
 * The host, as dispatch uses it. `Reading` is the part of the context that cannot write; by default, all
 * of it.
 */
export type CommandHost<Context extends Reading, Reading = Context> = {
  readonly commands: readonly Command<Context, Reading>[];
  /** Commands that people look for but that do not exist, such as `users delete`, and what to do instead. */
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
   * Runs a change in one transaction: committed if the result is ok, rolled back if not. The result of
   * `dispatch` is complete by then, so a host may keep it in the same transaction (`responseFrame`).
   */
  readonly change: RunInContext<Context>;
  /**
   * Runs a change, or makes an intent, in one transaction that is always rolled back. Returns why it would fail now; null if
   * it would not. Without it a command is held for a person also if it would fail.
   */
  readonly rehearse?: (
    reach: Reach,
    run: (context: Context) => Promise<Result<unknown, CommandError>>,
  ) => Promise<CommandError | null>;
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
  /** One sentence for each resource by its plural, for help. By default, its own description. */
  readonly resources?: Readonly<Record<string, string>>;
  /**
   * The sentence for the caller about an exception that is not a bug, such as a busy store; null for any
   * other exception.
   */
  readonly troubleOf?: (error: unknown) => string | null;
  /** Receives an exception that is a bug. The caller learns only that a bug occurred. */
  readonly report?: (error: unknown) => void;
};
