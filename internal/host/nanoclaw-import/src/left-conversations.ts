import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ForeignRow } from "@gatehouse/sqlite";
import type { Left } from "./along/brought.ts";
import { claudeFolder, sessionsRoot, type LegacyConversation } from "./folder/conversations.ts";
import { foldersBelow, plainFolder } from "./folder/plain-folder.ts";

/** All conversations, and the paths of the imported ones. */
export type Told = {
  readonly conversations: readonly LegacyConversation[];
  readonly resumed: ReadonlySet<string>;
};

/**
 * Lists the parts of `data/v2-sessions` that stay: the conversations that no session can continue, the waiting tasks
 * and messages of all conversations, one by one, and the other files of each group's CLI. Links are not followed.
 */
export const leftConversations = async (
  folder: string,
  { conversations, resumed }: Told,
): Promise<readonly Left[]> => {
  const stays = conversations.filter(({ path }) => !resumed.has(path));
  const memories: Left[] = [];
  for (const group of await foldersBelow(folder, ...sessionsRoot.split("/"))) {
    const path = await plainFolder(folder, ...sessionsRoot.split("/"), group, claudeFolder);
    if (path === null) continue;
    const what = join(sessionsRoot, group, claudeFolder);
    memories.push({ what, count: await filesIn(path), why: memoryStays });
  }
  return [
    ...(stays.length === 0 ? [] : [unresumed(stays)]),
    ...memories,
    ...conversations.flatMap(waitingIn),
  ];
};

const memoryStays =
  "the group's CLI keeps its settings, keys and conversations there; what is not named as brought along stays";

const unresumed = (stays: readonly LegacyConversation[]): Left => ({
  what: sessionsRoot,
  count: stays.length,
  why: "conversations that no session here can go on with stay where they are: closed ones, and those without a transcript of Claude Code",
});

/** Maximum messages of a conversation to list. The others are only counted. */
const maxListed = 100;

const waitingIn = ({ path: what, waiting }: LegacyConversation): readonly Left[] => {
  if (typeof waiting === "string")
    return [{ what, count: 1, why: `its waiting tasks and messages are not known: ${waiting}` }];
  const tasks = waiting.filter(
    ({ kind, status }) => kind === "task" && isOpen(status, ["pending", "paused"]),
  );
  const messages = waiting.filter(
    ({ kind, status, trigger }) =>
      conversational.includes(kind) && isOpen(status, ["pending", "processing"]) && trigger !== 0,
  );
  const more = messages.length - maxListed;
  return [
    ...tasks.map((task) => ({
      what: `${what} task ${textOf(task["series_id"] ?? task["id"])}`,
      count: 1,
      why: whenOf(task),
    })),
    ...messages.slice(0, maxListed).map((message) => messageLine(what, message)),
    ...(more > 0 ? [{ what: `${what} messages`, count: more, why: `more of them: ${unanswered}` }] : []),
  ];
};

const isOpen = (status: unknown, open: readonly string[]): boolean =>
  typeof status === "string" && open.includes(status);

const conversational: readonly unknown[] = ["chat", "chat-sdk", "webhook"];

const unanswered = "it was never answered, and cannot be answered here";

/** A line with the sender and the time of a message, and never its text. */
const messageLine = (what: string, { id, timestamp, content }: ForeignRow): Left => {
  const sender = senderIn(content);
  const of = `${sender === null ? "" : ` of ${sender}`}${typeof timestamp === "string" ? ` at ${timestamp}` : ""}`;
  return { what: `${what} message ${textOf(id)}`, count: 1, why: `a message${of}: ${unanswered}` };
};

/** The sender of a message. nanoclaw stores a message as JSON with its text and its sender. */
const senderIn = (content: unknown): string | null => {
  try {
    const parsed: unknown = typeof content === "string" ? JSON.parse(content) : null;
    const { sender, senderName, senderId } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
    const name = [senderName, sender, senderId].find((one) => typeof one === "string" && one !== "");
    return typeof name === "string" ? name.slice(0, 80) : null;
  } catch {
    return null;
  }
};

const whenOf = ({ recurrence, process_after, status }: ForeignRow): string => {
  const when = recurrence ?? process_after ?? null;
  const planned = when === null ? "a task" : `a task for ${textOf(when)}`;
  return `${planned}${status === "paused" ? ", paused" : ""}: this host does not run it`;
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "of no readable name");

/** The number of files in a folder and below; links do not count. */
export const filesIn = async (path: string): Promise<number> => {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).length;
};
