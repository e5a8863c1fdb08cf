import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { readForeignTables } from "@gatehouse/sqlite";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
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
  const leaveOut = (key: string, why: string): void =>
    void leftOut.push({ table: taskSource, key, why: `${why}, so its tasks were not read` });
  const namesIn = async (key: string, ...parts: readonly string[]): Promise<readonly string[]> => {
    const found = await foldersBelow(folder, ...below, ...parts);
    if (!found.ok) leaveOut(key, found.error);
    return found.ok ? found.value : [];
  };
  for (const groupId of await namesIn(below.join("/")))
    for (const sessionId of await namesIn(groupId, groupId)) {
      const rows = await rowsOf(join(folder, ...below, groupId, sessionId, "inbound.db"));
      if (!rows.ok) leaveOut(`${groupId} ${sessionId}`, rows.error);
      else tasks.push(...rows.value.filter(comesLater).map((row) => ({ groupId, sessionId, row })));
    }
  return { tasks, leftOut };
};

/** The rows of a session; none without a database. The error is the beginning of a sentence. */
const rowsOf = async (file: string): Promise<Result<readonly LegacyRow[], string>> => {
  const bytes = await sizeOf(file);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return ok([]);
  if (bytes.value > mostBytes) return fail(`${file} is larger than ${mostBytes / 2 ** 20} MiB`);
  const read = await readForeignTables(file);
  if (read.ok) return ok(read.value[taskSource] ?? []);
  if (read.error.code === "no-such-file") return ok([]);
  const detail = read.error.code === "file-unreadable" ? read.error.detail : "a program is writing to it";
  return fail(`${file} cannot be read (${detail})`);
};

/** Null for anything but a file. */
const sizeOf = async (file: string): Promise<Result<number | null, string>> => {
  try {
    const facts = await lstat(file);
    return ok(facts.isFile() ? facts.size : null);
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? ok(null) : fail(`${file} cannot be read (${code})`);
  }
};

const comesLater = ({ kind, recurrence, status }: LegacyRow): boolean =>
  (kind === "task" || (recurrence ?? null) !== null) && (status === "pending" || status === "paused");
