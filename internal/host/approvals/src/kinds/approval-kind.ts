import type { Kysely } from "kysely";
import type { CommandError, ResponseFrame } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import type { ApprovalChoice } from "@gatehouse/command-context";
import type { Pending } from "../claim.ts";

/** The dependencies of an answer. */
export type AnswerDeps = {
  /** When the answer was given, ISO 8601, UTC. */
  readonly at: string;
  /** Makes an id: `wi` gives `wi-<uuid>`. */
  readonly id: (prefix: string) => string;
  /** The chosen group; null for a kind without a choice of a group. */
  readonly group: string | null;
  /** The person's text beside the approval. `takes` and `misfit` have checked it. */
  readonly choice: ApprovalChoice;
};

/** One kind of question that waits for a person; `pending_approvals.kind` names its row. */
export type ApprovalKind = {
  /** Whether the agent that asked reads the outcome, as a note. */
  readonly isOfAgent: boolean;
  /** Whether the runner of a session waits for the outcome. */
  readonly isOfTool?: true;
  /** The texts that a person may add to an approval. Anything else is refused. */
  readonly takes?: readonly Exclude<keyof ApprovalChoice, "group">[];
  /** Why this choice is not possible, a sentence; null if it is. A refusal leaves the approval pending. */
  readonly misfit?: (approval: Pending, choice: ApprovalChoice) => string | null;
  /**
   * The group that an answer chooses; `named` is its `--group`. A kind without `choose` refuses `--group`.
   */
  readonly choose?: (
    db: Kysely<CentralTables>,
    named: string | undefined,
  ) => Promise<Result<string, CommandError>>;
  /** Carries out the approval, once, in the transaction of the answer. */
  readonly run: (db: Kysely<CentralTables>, approval: Pending, deps: AnswerDeps) => Promise<ResponseFrame>;
  /**
   * Stores the refusal, in the transaction of the answer. `at` is ISO 8601, UTC; `reason` are the words of the
   * person.
   */
  readonly refuse: (
    db: Kysely<CentralTables>,
    approval: Pending,
    at: string,
    reason?: string,
  ) => Promise<void>;
};
