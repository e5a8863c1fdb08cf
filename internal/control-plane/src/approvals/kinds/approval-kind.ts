import type { Kysely } from "kysely";
import type { ResponseFrame } from "@nc/cli-scope";
import type { CentralTables } from "../../database/tables.ts";
import type { Pending } from "../claim.ts";

/** One kind of question that waits for a person; `pending_approvals.kind` names its row. */
export type ApprovalKind = {
  /** An agent asked it, and its session gets a note of how it ended. */
  readonly isOfAgent: boolean;
  /** Does what was approved, once, in the transaction of the answer. `at` is ISO 8601, UTC. */
  readonly run: (db: Kysely<CentralTables>, approval: Pending, at: string) => Promise<ResponseFrame>;
  /** Keeps that a person said no, in the transaction of the answer. */
  readonly refuse: (db: Kysely<CentralTables>, approval: Pending, at: string) => Promise<void>;
};
