import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readForeignTables, type ForeignRow } from "@gatehouse/sqlite";
import { systemCode } from "@gatehouse/std";
import type { ImportReport } from "../import-report.ts";

type Left = ImportReport["notTaken"];

/**
 * What stays in `data/v2-sessions`: each group's memory of its CLI, and of each conversation the tasks and
 * the messages that wait in it. A link is not followed.
 */
export const leftConversations = async (folder: string): Promise<Left> => {
  const root = join("data", "v2-sessions");
  const left: Left[number][] = [];
  let conversations = 0;
  for (const group of await foldersIn(join(folder, root)))
    for (const session of await foldersIn(join(folder, root, group))) {
      const what = join(root, group, session);
      if (session === ".claude-shared") left.push(await memoryIn(folder, what));
      else {
        conversations += 1;
        left.push(...(await waitingIn(folder, what)));
      }
    }
  if (conversations === 0) return left;
  return [{ what: root, count: conversations, why: "conversations stay where they are" }, ...left];
};

const memoryIn = async (folder: string, what: string): Promise<Left[number]> => {
  const count = await filesIn(join(folder, what));
  const why =
    "the group's CLI keeps its memory, its settings and its past conversations there; they stay there";
  return { what, count, why };
};

const waitingIn = async (folder: string, what: string): Promise<Left> => {
  const inbound = await rowsOf(join(folder, what), "inbound.db", "messages_in");
  const outbound = await rowsOf(join(folder, what), "outbound.db", "processing_ack");
  if (typeof inbound === "string")
    return [{ what, count: 1, why: `what waits there is not known: ${inbound}` }];
  const acked = typeof outbound === "string" ? [] : outbound.filter(({ status }) => status !== "processing");
  const done = new Set(acked.map(({ message_id }) => message_id));
  const tasks = inbound.filter(
    ({ kind, status }) => kind === "task" && (status === "pending" || status === "paused"),
  );
  const messages = inbound.filter(
    ({ id, kind, status, trigger }) =>
      conversational.includes(kind) && waiting.includes(status) && trigger !== 0 && !done.has(id),
  );
  return [
    ...tasks.map((task) => ({
      what: `${what} task ${textOf(task["series_id"] ?? task["id"])}`,
      count: 1,
      why: whenOf(task),
    })),
    ...(messages.length === 0
      ? []
      : [
          {
            what: `${what} messages`,
            count: messages.length,
            why: "nobody has answered them, and nobody will here",
          },
        ]),
  ];
};

const conversational: readonly unknown[] = ["chat", "chat-sdk", "webhook"];
const waiting: readonly unknown[] = ["pending", "processing"];

const whenOf = ({ recurrence, process_after, status }: ForeignRow): string => {
  const when = recurrence ?? process_after ?? null;
  const planned = when === null ? "a task" : `a task for ${textOf(when)}`;
  return `${planned}${status === "paused" ? ", paused" : ""}: nobody runs it here`;
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "of no readable name");

/** The rows of one table of a file, or what is wrong with the file. None without the file. */
const rowsOf = async (
  folder: string,
  name: string,
  table: string,
): Promise<readonly ForeignRow[] | string> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) return [];
  if (!entry.isFile()) return `${name} is no file`;
  const read = await readForeignTables(join(folder, name));
  if (read.ok) return read.value[table] ?? [];
  return `${name} ${read.error.code === "file-unreadable" ? `cannot be read (${read.error.detail})` : "is in use"}`;
};

/** How many files a folder and those in it have; links are no files. */
export const filesIn = async (path: string): Promise<number> => {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).length;
};

/** The names of the folders in a folder; none if there is no such folder. */
export const foldersIn = async (path: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};
