import { existsSync, rmSync } from "node:fs";
import type { ForeignReader } from "@gatehouse/sqlite";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

import { hostTransactions, type HostSideOptions } from "../store/host-transactions.ts";
import type { SessionTransaction } from "../store/session-transaction.ts";
import { oldPaths } from "./old-paths.ts";
import { oldRows, type OldRows } from "./old-rows.ts";
import { readOldSession } from "./read-old-session.ts";

/** Whether a session's folder has the two files in which an older build kept the session. */
export const isOldSession = (folder: string): boolean => existsSync(oldPaths(folder).inbound);

/** How many messages were moved, of people and of the agent. */
export type TakenOver = { readonly inbound: number; readonly outbound: number };

/**
 * Moves a session from its files into rows of the host, and removes the files. Call it while no agent runs.
 * Idempotent after a kill at any point: rows that exist stay as they are. The error is a sentence; then the
 * files stay.
 */
export const takeOverSession = async (
  options: HostSideOptions,
  folder: string,
  reader: ForeignReader,
): Promise<Result<TakenOver, string>> => {
  const read = await readOldSession(folder, reader);
  if (!read.ok) return read;
  const rows = read.value === null ? null : oldRows(options.sessionId, read.value);
  if (rows !== null) {
    const { write } = hostTransactions(options, () => false);
    const kept = await write((db, { seq }) =>
      keep(db, options.sessionId, { ...rows, seq: Math.max(seq, rows.seq) }),
    );
    if (!kept.ok) return fail(kept.error.message);
  }
  try {
    removeFiles(folder);
  } catch (error) {
    return fail(`${folder}: the old files cannot be removed (${systemCode(error)}).`);
  }
  return ok({ inbound: rows?.messagesIn.length ?? 0, outbound: rows?.messagesOut.length ?? 0 });
};

/** Rows of one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766, and a row has 20. */
const atOnce = 500;

const keep = async (db: SessionTransaction, sessionId: string, rows: OldRows): Promise<null> => {
  const tables = [
    ["session_messages_in", rows.messagesIn],
    ["session_messages_out", rows.messagesOut],
    ["session_values", rows.values],
  ] as const;
  for (const [table, all] of tables)
    for (let from = 0; from < all.length; from += atOnce)
      await db
        .insertInto(table)
        .values(all.slice(from, from + atOnce) as never)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  await db
    .updateTable("session_transport")
    .set({ seq: rows.seq, incarnation: rows.incarnation })
    .where("session_id", "=", sessionId)
    .where("incarnation", "<=", rows.incarnation)
    .execute();
  return null;
};

/** The inbound file goes last: while it exists, the next start repeats the move. */
const removeFiles = (folder: string): void => {
  const { outbound, inbound, others, account } = oldPaths(folder);
  for (const path of [...database(outbound), ...others, account, ...database(inbound)])
    rmSync(path, { recursive: true, force: true });
};

/** The companion files of a database come before the database itself. */
const database = (file: string): readonly string[] => [`${file}-journal`, `${file}-wal`, `${file}-shm`, file];
