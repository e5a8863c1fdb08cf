import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { readForeignTables } from "@gatehouse/sqlite";
import { systemCode } from "@gatehouse/std";
import type { RowNote } from "../convert-rows.ts";
import type { LegacyRow } from "../field-reader.ts";
import { foldersBelow } from "./folders-below.ts";

/** A row of a session's `messages_in` that comes at a time, and has not come. */
export type LegacyTask = {
  readonly groupId: string;
  readonly sessionId: string;
  readonly row: LegacyRow;
};

export type LegacyTasks = {
  readonly tasks: readonly LegacyTask[];
  /** The sessions whose rows were not read. */
  readonly leftOut: readonly RowNote[];
};

/** The name of nanoclaw's table in notes. */
export const taskSource = "messages_in";

/** Bytes of a session's database. Agents can write there, and its rows are in memory. */
const mostBytes = 64 * 2 ** 20;

/**
 * Reads the tasks in the sessions of a nanoclaw folder: `data/v2-sessions/GROUP/SESSION/inbound.db`. Follows no link, and
 * changes nothing.
 */
export const readTasks = async (folder: string): Promise<LegacyTasks> => {
  const below = ["data", "v2-sessions"] as const;
  const tasks: LegacyTask[] = [];
  const leftOut: RowNote[] = [];
  for (const groupId of await foldersBelow(folder, ...below))
    for (const sessionId of await foldersBelow(folder, ...below, groupId)) {
      const rows = await rowsOf(join(folder, ...below, groupId, sessionId, "inbound.db"));
      if (typeof rows === "string")
        leftOut.push({ table: taskSource, key: `${groupId} ${sessionId}`, why: rows });
      else tasks.push(...rows.filter(comesLater).map((row) => ({ groupId, sessionId, row })));
    }
  return { tasks, leftOut };
};

/** The rows of a session, or why they cannot be read. None without a database. */
const rowsOf = async (file: string): Promise<readonly LegacyRow[] | string> => {
  const bytes = await sizeOf(file);
  if (bytes === null) return [];
  if (bytes > mostBytes)
    return `${file} is larger than ${mostBytes / 2 ** 20} MiB, so its tasks were not read`;
  const read = await readForeignTables(file);
  if (read.ok) return read.value[taskSource] ?? [];
  if (read.error.code === "no-such-file") return [];
  const detail = read.error.code === "file-unreadable" ? read.error.detail : "a program is writing to it";
  return `${file} cannot be read (${detail}), so its tasks were not`;
};

/** Null for anything but a file. */
const sizeOf = async (file: string): Promise<number | null> => {
  try {
    const facts = await lstat(file);
    return facts.isFile() ? facts.size : null;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};

const comesLater = ({ kind, recurrence, status }: LegacyRow): boolean =>
  (kind === "task" || (recurrence ?? null) !== null) && (status === "pending" || status === "paused");
