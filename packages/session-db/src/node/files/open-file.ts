import { lstatSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { FileSchema } from "../../schema/schema.ts";
import type { TransportResult } from "../../transport.ts";
import { connect, type Connection } from "./connection.ts";
import { inTransaction, whenFree } from "./in-transaction.ts";
import { migrate, type SchemaState } from "./migrate.ts";
import { codeOf, failed, isDamageCode } from "./trouble.ts";

export type OpenFileOptions = {
  readonly file: string;
  readonly schema: FileSchema;
  /** Called after a file that cannot be used was renamed, before a new one is made. */
  readonly onSetAside: (renamedTo: string, reason: string) => void;
  /** Makes the folders, and the empty file where it is to have other rights than SQLite gives. It may throw. */
  readonly prepare?: () => void;
};

/** A larger file is not checked as a whole when it is opened: damage is found when it is met. Bytes. */
const checkedBytes = 4 * 2 ** 20;

/** Opens a file with the newest schema. One that is damaged, or is not ours, is set aside and made anew. */
export const openFile = async (
  options: OpenFileOptions,
  deadline: number,
): Promise<TransportResult<Connection>> => {
  const { file, onSetAside } = options;
  options.prepare?.();
  mkdirSync(dirname(file), { recursive: true });
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) {
    onSetAside(setAside(file), "it is not a plain file");
    return openFile(options, deadline);
  }
  const db = await whenFree(() => connect(file), deadline);
  const state = await inTransaction(db, { mode: "write", deadline }, () => ({
    ok: true,
    value: stateOf(db, options.schema, there?.size ?? 0),
  })).catch((error: unknown) => {
    db.close();
    throw error;
  });
  if (state.ok && state.value === "ours") return { ok: true, value: db };
  db.close();
  if (!state.ok) return state;
  if (state.value === "newer") return failed("unreadable", `A newer version of this program wrote ${file}.`);
  onSetAside(setAside(file), state.value === "foreign" ? "its tables are not ours" : "it is damaged");
  return openFile(options, deadline);
};

const stateOf = (db: Connection, schema: FileSchema, size: number): SchemaState | "damaged" =>
  size > 0 && size <= checkedBytes && !isSound(db) ? "damaged" : migrate(db, schema);

const isSound = (db: Connection): boolean => {
  const [check] = db.all<{ is_sound: number }>(
    "select quick_check = 'ok' as is_sound from pragma_quick_check(1)",
  );
  return check?.is_sound === 1;
};

/** Whether SQLite finds nothing wrong with a file. */
export const isSoundFile = (file: string): boolean => {
  try {
    const db = connect(file);
    try {
      return isSound(db);
    } finally {
      db.close();
    }
  } catch (error) {
    if (isDamageCode(codeOf(error))) return false;
    throw error;
  }
};

/** Renames it to the first free `<name>.damaged-<n>`. A journal goes with it: it belongs to these pages. */
export const setAside = (file: string): string => {
  let count = 1;
  while (exists(`${file}.damaged-${count}`)) count += 1;
  const aside = `${file}.damaged-${count}`;
  renameSync(file, aside);
  if (exists(`${file}-journal`)) renameSync(`${file}-journal`, `${aside}-journal`);
  return aside;
};

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
