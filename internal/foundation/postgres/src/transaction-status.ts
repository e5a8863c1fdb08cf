import { CompiledQuery, sql, type DatabaseConnection, type Kysely } from "kysely";

/** Identifies a transaction; read before its commit. */
export type TransactionMark = {
  readonly id: string;
  /**
   * The server's latest checkpoint at that time, a position in its log. A server that starts after a crash
   * makes a checkpoint first.
   */
  readonly checkpoint: string;
};

/** Null if the open transaction of this session wrote nothing. */
export const transactionMark = async (connection: DatabaseConnection): Promise<TransactionMark | null> => {
  const asked = CompiledQuery.raw(`
    select pg_current_xact_id_if_assigned()::text as id, checkpoint_lsn::text as checkpoint
    from pg_control_checkpoint()`);
  const { rows } = await connection.executeQuery<{ id: string | null; checkpoint: string }>(asked);
  const [row] = rows;
  return row === undefined || row.id === null ? null : { id: row.id, checkpoint: row.checkpoint };
};

/**
 * The server's status of a transaction: `committed`, `aborted`, `in progress`, or null if it cannot tell.
 *
 * The id alone is not enough: a server that crashed has lost the transactions that were not saved, and reuses
 * their ids (seen with PostgreSQL 15: `pg_xact_status` said `committed` for a lost write). The checkpoint of
 * a start after a crash has the first id that the server gives out again.
 */
export const statusOf = async <T>(
  reading: Kysely<T>,
  { id, checkpoint }: TransactionMark,
): Promise<string | null> => {
  const asked = sql<StatusRow>`
    select pg_xact_status(${id}::xid8) as status, checkpoint_lsn::text as checkpoint,
      redo_lsn = checkpoint_lsn as "isOfStart", next_xid as "nextId"
    from pg_control_checkpoint()`;
  try {
    const [row] = (await asked.execute(reading)).rows;
    if (row === undefined) return null;
    if (row.checkpoint === checkpoint) return row.status;
    // A checkpoint of a running server does not show an earlier crash.
    if (!row.isOfStart) return null;
    return BigInt(id) < wholeId(row.nextId) ? row.status : "aborted";
  } catch (error) {
    // invalid_parameter_value: "transaction ID is in the future".
    if (error instanceof Error && "code" in error && error.code === "22023") return "aborted";
    throw error;
  }
};

type StatusRow = {
  readonly status: string | null;
  readonly checkpoint: string;
  /** The checkpoint was made at a start or stop: no transaction wrote at that time. */
  readonly isOfStart: boolean;
  readonly nextId: string;
};

/** Parses `epoch:id`, 32 bits each, the form in a checkpoint. */
const wholeId = (text: string): bigint => {
  const [epoch = "0", id = "0"] = text.split(":");
  return BigInt(epoch) * 2n ** 32n + BigInt(id);
};
