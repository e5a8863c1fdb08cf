import { lstatSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { TransportResult } from "../../transport.ts";
import type { Connection } from "./connection.ts";
import { inTransaction, whenFree, type Work } from "./in-transaction.ts";
import { isSoundFile, openFile, setAside, type OpenFileOptions } from "./open-file.ts";
import { tidier, tooLargeCode, type Tidying } from "./tidy.ts";
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
  /** Called after each commit that wrote something, when the file is free for the other side. */
  readonly written?: () => void;
  /**
   * A file of the other side, for transactions to read as `inbound`. It stays open, and is opened anew
   * when it was replaced.
   */
  readonly beside?: string;
  /** Keeps a file small that has another one beside it. */
  readonly tidying?: Tidying;
};

export const sessionFile = (options: SessionFileOptions): SessionFile => {
  const { file, beside, busyMs, tidying, written = () => undefined } = options;
  const held = heldConnection(options);
  const tidy = tidying === undefined ? null : tidier(file, tidying);
  let queue: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const once = async <T>(mode: Mode, work: Work<T>, deadline: number): Promise<TransportResult<T>> => {
    options.prepare?.();
    const db = await held.opened(deadline);
    if (!db.ok) return db;
    return beside === undefined
      ? inTransaction(db.value, { mode, deadline, written }, work)
      : held.withBeside(beside, deadline, async () => {
          if (mode === "write") await tidy?.(db.value, deadline);
          return inTransaction(db.value, { mode, deadline, firstLook: lookAtBoth, written }, work);
        });
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
  /** Runs it with the other side's file attached. */
  readonly withBeside: <T>(
    beside: string,
    deadline: number,
    run: () => Promise<TransportResult<T>>,
  ) => Promise<TransportResult<T>>;
  /** Makes a damaged or deleted file anew, for another try. Else it gives the failure. */
  readonly mend: (error: unknown) => TransportResult<never> | null;
  readonly close: () => void;
};

const heldConnection = (options: SessionFileOptions): HeldConnection => {
  const { file, beside, onSetAside } = options;
  let open: OpenConnection | null = null;
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
      if (db.ok) open = { db: db.value, inode: inodeOf(file), attached: null };
      return db;
    },
    withBeside: async (path, deadline, run) => {
      const wasAttached = open !== null && open.attached !== null;
      const attached = open === null ? null : await attach(open, path, deadline);
      if (attached !== null) return attached;
      try {
        return await run();
      } catch (error) {
        // What is wrong with the other side's file is found when it is opened: the next try says it.
        if (!wasAttached || open === null || isBusyCode(codeOf(error))) throw error;
        detach(open);
        return (await attach(open, path, deadline)) ?? run();
      }
    },
    mend: (error) => {
      const code = codeOf(error);
      if (isBusyCode(code)) return troubleOf(error);
      close();
      if (code === tooLargeCode && error instanceof Error) {
        onSetAside(setAside(file), error.message);
        return null;
      }
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

type OpenConnection = {
  readonly db: Connection;
  readonly inode: string | null;
  /** The inode of the other side's file; null while it is not attached. */
  attached: string | null;
};

/** Attaches the other side's file, unless it is attached already. Gives the failure. */
const attach = async (
  open: OpenConnection,
  beside: string,
  deadline: number,
): Promise<TransportResult<never> | null> => {
  const inode = inodeOf(beside);
  if (open.attached !== null && open.attached === inode) return null;
  detach(open);
  const address = `${pathToFileURL(beside).href}?mode=ro`.replaceAll("'", "''");
  try {
    await whenFree(() => open.db.exec(`attach '${address}' as inbound`), deadline);
  } catch (error) {
    const code = codeOf(error);
    return isBusyCode(code) ? troubleOf(error) : failed("unreadable", `${beside} cannot be read: ${code}`);
  }
  open.attached = inode ?? "";
  return null;
};

const detach = (open: OpenConnection): void => {
  if (open.attached === null) return;
  open.attached = null;
  open.db.exec("detach inbound");
};
