import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { readForeignTables, type ForeignRow } from "@gatehouse/sqlite";
import { systemCode } from "@gatehouse/std";
import { foldersBelow } from "./plain-folder.ts";

/** The folder in which nanoclaw keeps the files of its sessions. */
export const sessionsRoot: string = join("data", "v2-sessions");

/** The folder beside a group's sessions that is `~/.claude` in the group's containers. */
export const claudeFolder = ".claude-shared";

/** A conversation of nanoclaw. */
export type LegacyConversation = {
  readonly groupId: string;
  readonly sessionId: string;
  /** Its folder, below the nanoclaw folder. */
  readonly path: string;
  /** The unanswered rows of `messages_in`; an error text if they cannot be read. */
  readonly waiting: readonly ForeignRow[] | string;
  /** The state of its last container: the name by which each provider continues the conversation. */
  readonly kept: Readonly<Record<string, string>>;
};

/** Reads all conversations of a nanoclaw folder. Links are not followed. */
export const readConversations = async (folder: string): Promise<readonly LegacyConversation[]> => {
  const found: LegacyConversation[] = [];
  for (const groupId of await foldersBelow(folder, "data", "v2-sessions"))
    for (const sessionId of await foldersBelow(folder, "data", "v2-sessions", groupId)) {
      if (sessionId === claudeFolder) continue;
      const path = join(sessionsRoot, groupId, sessionId);
      found.push({ groupId, sessionId, path, ...(await readFiles(join(folder, path))) });
    }
  return found;
};

const readFiles = async (path: string): Promise<Pick<LegacyConversation, "waiting" | "kept">> => {
  const inbound = await tablesOf(path, "inbound.db");
  const outbound = await tablesOf(path, "outbound.db");
  const { processing_ack: acks = [], session_state: state = [] } =
    typeof outbound === "string" ? {} : outbound;
  const done = new Set(acks.filter(({ status }) => status !== "processing").map((ack) => ack["message_id"]));
  const waiting =
    typeof inbound === "string" ? inbound : (inbound["messages_in"] ?? []).filter(({ id }) => !done.has(id));
  const kept = state.flatMap(({ key, value }) =>
    typeof key === "string" && typeof value === "string" && isContinuation(key) ? [[key, value]] : [],
  );
  return { waiting, kept: Object.fromEntries(kept) as LegacyConversation["kept"] };
};

/** `sdk_session_id` is the older key, from before each provider had its own. */
const isContinuation = (key: string): boolean =>
  /^continuation:[a-z0-9-]{1,64}$/.test(key) || key === "sdk_session_id";

/** Maximum size of a file, bytes: all its rows are in memory at the same time. */
const maxBytes = 256 * 2 ** 20;

type Tables = Readonly<Record<string, readonly ForeignRow[]>>;

/** The tables of a file; empty without the file, and an error text if it cannot be read. */
const tablesOf = async (path: string, name: string): Promise<Tables | string> => {
  const file = join(path, name);
  const own = await fileIssue(file);
  if (own === "absent") return {};
  const all = [own, await fileIssue(`${file}-wal`), await fileIssue(`${file}-journal`)];
  const why = all.find((one) => one !== null && one !== "absent");
  if (why !== undefined) return `${name} ${why}`;
  const read = await readForeignTables(file);
  if (read.ok) return read.value;
  return `${name} ${read.error.code === "file-unreadable" ? `cannot be read (${read.error.detail})` : "is in use"}`;
};

/** The problem with a file of SQLite: an error text, or `absent`; null for a plain file that is small enough. */
const fileIssue = async (file: string): Promise<string | null> => {
  try {
    const facts = await lstat(file);
    if (!facts.isFile()) return "is no file";
    return facts.size > maxBytes ? `is longer than ${maxBytes / 2 ** 20} MiB` : null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? "absent" : `cannot be read (${code})`;
  }
};
