import type { AgentActor, Authorization } from "../decision/actor.ts";
import type { Command, CommandError } from "../commands/command.ts";
import type { DecisionEntry, HeldCommand } from "../decision/decision.ts";
import type { Result } from "@gatehouse/std";

/** How far a world reaches: one agent group, or all of them. */
export type Reach = { readonly groupId: string } | "all";

/** What dispatch needs of the host. */
export type CommandHost<World> = {
  readonly commands: readonly Command<World>[];
  /** Read at every call, so that a change counts at once; null when the session or its group is gone. */
  readonly authorization: (actor: AgentActor) => Promise<Authorization | null>;
  /** What a session of this group would be told that is in no conversation; null when there is no such group. For `can --as-group`. */
  readonly groupAuthorization: (groupId: string) => Promise<Authorization | null>;
  /**
   * Runs in one transaction, committed if the result is ok and undone if not. The world cannot name what is out of reach. A
   * command that is `open` changes nothing: for it `isReading` is true, and a world that cannot write will do.
   */
  readonly transact: <T, E>(
    reach: Reach,
    run: (world: World) => Promise<Result<T, E>>,
    isReading: boolean,
  ) => Promise<Result<T, E>>;
  /** Keeps a command until a person has answered. Gives the id of the approval. */
  readonly hold: (held: HeldCommand) => Promise<Result<string, CommandError>>;
  /** Keeps one decision. */
  readonly record: (entry: DecisionEntry) => Promise<void>;
  /** One sentence for each resource by its plural, for help. */
  readonly resources?: Readonly<Record<string, string>>;
  /** What the caller is told of an exception that is no bug, such as a store that is busy: a sentence, or null for all others. */
  readonly troubleOf?: (error: unknown) => string | null;
  /** Told of an exception: a bug, of which the caller is shown no more than that there was one. */
  readonly report?: (error: unknown) => void;
};
