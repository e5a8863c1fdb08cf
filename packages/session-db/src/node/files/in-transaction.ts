import { setImmediate as others, setTimeout as wait } from "node:timers/promises";
import type { TransportResult } from "../../transport.ts";
import type { Connection } from "./connection.ts";
import { holdJournal } from "./hold-journal.ts";
import { codeOf, isBusyCode } from "./trouble.ts";

/** What a transaction does. It may run again after another process was in the way, so it keeps nothing. */
export type Work<T> = (db: Connection) => TransportResult<T>;

/**
 * A commit takes a millisecond or two, and a timer longer than what is left of it: so long it is tried
 * at once, ms.
 */
const eagerMs = 2;

/**
 * Pauses between two later attempts, ms; the last one is repeated. SQLite sends no event when a file is
 * free.
 */
const pauses: readonly number[] = [1, 2, 5, 10, 15, 20, 25];

/** Runs it again while another process holds the file. At the deadline it throws SQLite's error. */
export const whenFree = async <T>(run: () => T, deadline: number): Promise<T> => {
  const eagerUntil = performance.now() + eagerMs;
  for (let count = 0; ;) {
    try {
      return run();
    } catch (error) {
      if (!isBusyCode(codeOf(error)) || performance.now() >= deadline) throw error;
    }
    if (performance.now() < eagerUntil) await others();
    else {
      await wait(pauses[Math.min(count, pauses.length - 1)]);
      count += 1;
    }
  }
};

/**
 * A prepared statement must never meet SQLITE_BUSY: in libsql 0.5.29 it then stays in progress. So the
 * locks are taken by `exec`, which leaves nothing behind: `begin immediate` to write, a first look at
 * what is read. A commit that is busy keeps its lock, so no new reader gets in, and is tried again.
 */
export const inTransaction = async <T>(
  db: Connection,
  options: {
    readonly mode: "read" | "write";
    readonly deadline: number;
    /** A query that takes the locks of what is read. */
    readonly firstLook?: string;
    /** Called after a commit that wrote something, when its locks are gone. */
    readonly written?: () => void;
  },
  work: Work<T>,
): Promise<TransportResult<T>> => {
  const { mode, deadline, firstLook = "select 1 from main.sqlite_schema limit 1", written } = options;
  try {
    await whenFree(() => {
      if (db.inTransaction()) db.exec("rollback");
      db.exec(`begin ${mode === "write" ? "immediate" : ""}; ${firstLook}`);
    }, deadline);
    const result = work(db);
    if (!result.ok) return result;
    const hasWritten = await commit(db, mode, deadline);
    if (hasWritten) written?.();
    return result;
  } finally {
    if (db.inTransaction()) db.exec("rollback");
  }
};

/** Whether there was anything to commit. */
const commit = async (db: Connection, mode: "read" | "write", deadline: number): Promise<boolean> => {
  const letGo = mode === "write" ? holdJournal(db.file) : null;
  try {
    await whenFree(() => db.exec("commit"), deadline);
  } finally {
    letGo?.();
  }
  return letGo !== null;
};
