import { lstatSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { TransportResult } from "../../transport.ts";
import type { Connection } from "./connection.ts";
import { inTransaction, whenFree, type Work } from "./in-transaction.ts";
import { isSoundFile, openFile, setAside, type OpenFileOptions } from "./open-file.ts";
import { codeOf, failed, isBusyCode, isDamageCode, troubleOf } from "./trouble.ts";

type Mode = "read" | "write";

/** A SQLite file that this process writes. Its transactions come one after the other. */
export type SessionFile = {
  readonly transaction: <T>(mode: Mode, work: Work<T>) => Promise<TransportResult<T>>;
  readonly close: () => Promise<void>;
};

export type SessionFileOptions = OpenFileOptions & {
  /** How long another process may hold the file before the result is `busy`, ms. */
  readonly busyMs: number;
  /** A file of the other side, for transactions to read as `inbound`. It is opened anew for each of them. */
  readonly beside?: string;
};

export const sessionFile = (options: SessionFileOptions): SessionFile => {
  const { beside, busyMs } = options;
  const held = heldConnection(options);
  let queue: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const once = async <T>(mode: Mode, work: Work<T>, deadline: number): Promise<TransportResult<T>> => {
    options.prepare?.();
    const db = await held.opened(deadline);
    if (!db.ok) return db;
    return beside === undefined
      ? inTransaction(db.value, { mode, deadline }, work)
      : withBeside(db.value, beside, deadline, () =>
          inTransaction(db.value, { mode, deadline, firstLook: lookAtBoth }, work),
        );
  };
  const transaction = async <T>(mode: Mode, work: Work<T>): Promise<TransportResult<T>> => {
    if (isClosed) return failed("closed", "This end is closed.");
    const deadline = performance.now() + busyMs;
    try {
      return await once(mode, work, deadline).catch((error: unknown) => {
        const failure = held.mend(error);
        return failure ?? once(mode, work, deadline);
      });
    } catch (error) {
      return troubleOf(error);
    }
  };
  return {
    transaction: (mode, work) => {
      const result = queue.then(() => transaction(mode, work));
      queue = result.catch(() => undefined);
      return result;
    },
    close: () => {
      const end = queue.then(() => {
        isClosed = true;
        held.close();
      });
      queue = end;
      return end;
    },
  };
};

type HeldConnection = {
  readonly opened: (deadline: number) => Promise<TransportResult<Connection>>;
  /** Makes a damaged or deleted file anew, for another try. Else it gives the failure. */
  readonly mend: (error: unknown) => TransportResult<never> | null;
  readonly close: () => void;
};

const heldConnection = (options: SessionFileOptions): HeldConnection => {
  const { file, beside, onSetAside } = options;
  let open: { readonly db: Connection; readonly inode: string | null } | null = null;
  const close = (): void => {
    open?.db.close();
    open = null;
  };
  return {
    close,
    // A file that was deleted or replaced by hand is opened anew.
    opened: async (deadline) => {
      if (open !== null && open.inode === inodeOf(file)) return { ok: true, value: open.db };
      close();
      const db = await openFile(options, deadline);
      if (db.ok) open = { db: db.value, inode: inodeOf(file) };
      return db;
    },
    mend: (error) => {
      const code = codeOf(error);
      if (isBusyCode(code)) return troubleOf(error);
      close();
      if (!isDamageCode(code)) return inodeOf(file) === null ? null : troubleOf(error);
      if (isSoundFile(file)) return failed("unreadable", `${beside ?? file} is damaged: ${code}`);
      onSetAside(setAside(file), code);
      return null;
    },
  };
};

const inodeOf = (file: string): string | null => {
  const there = lstatSync(file, { throwIfNoEntry: false });
  return there?.isFile() === true ? `${there.dev}:${there.ino}` : null;
};

const lookAtBoth = "select 1 from main.sqlite_schema limit 1; select 1 from inbound.sqlite_schema limit 1";

const withBeside = async <T>(
  db: Connection,
  beside: string,
  deadline: number,
  run: () => Promise<TransportResult<T>>,
): Promise<TransportResult<T>> => {
  const address = `${pathToFileURL(beside).href}?mode=ro`.replaceAll("'", "''");
  try {
    await whenFree(() => db.exec(`attach '${address}' as inbound`), deadline);
  } catch (error) {
    const code = codeOf(error);
    return isBusyCode(code) ? troubleOf(error) : failed("unreadable", `${beside} cannot be read: ${code}`);
  }
  try {
    return await run();
  } finally {
    db.exec("detach inbound");
  }
};
