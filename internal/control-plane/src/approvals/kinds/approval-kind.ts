import type { Kysely } from "kysely";
import type { CommandError, ResponseFrame } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "../../database/tables.ts";
import type { Pending } from "../claim.ts";

/** What an answer is made of. */
export type AnswerGround = {
  /** When it was given, ISO 8601, UTC. */
  readonly at: string;
  /** `wi` gives `wi-<uuid>`. */
  readonly id: (prefix: string) => string;
  /** The group that was chosen; null for a question that asks for none. */
  readonly group: string | null;
};

/** One kind of question that waits for a person; `pending_approvals.kind` names its row. */
export type ApprovalKind = {
  /** An agent asked it, and its session gets a note of how it ended. */
  readonly isOfAgent: boolean;
  /** The group that an answer means; `named` is what the answer says. Without it no group may be named. */
  readonly choose?: (
    db: Kysely<CentralTables>,
    named: string | undefined,
  ) => Promise<Result<string, CommandError>>;
  /** Does what was approved, once, in the transaction of the answer. */
  readonly run: (
    db: Kysely<CentralTables>,
    approval: Pending,
    ground: AnswerGround,
  ) => Promise<ResponseFrame>;
  /** Keeps that a person said no, in the transaction of the answer. `at` is ISO 8601, UTC. */
  readonly refuse: (db: Kysely<CentralTables>, approval: Pending, at: string) => Promise<void>;
};
