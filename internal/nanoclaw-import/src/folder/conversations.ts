import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { readForeignTables, type ForeignRow } from "@gatehouse/sqlite";
import { systemCode } from "@gatehouse/std";
import { foldersBelow } from "./plain-folder.ts";

/** Where nanoclaw keeps the files of its sessions. */
export const sessionsRoot: string = join("data", "v2-sessions");

/** The folder of a group, beside those of its sessions, that is its containers' `~/.claude`. */
export const claudeFolder = ".claude-shared";

/** A conversation as nanoclaw left it. */
export type LegacyConversation = {
  readonly groupId: string;
  readonly sessionId: string;
  /** Its folder, below the nanoclaw folder. */
  readonly path: string;
  /** Rows of `messages_in`, without those that were answered; a sentence if they cannot be read. */
  readonly waiting: readonly ForeignRow[] | string;
  /** What its last container kept: by which name each provider goes on with the conversation. */
  readonly kept: Readonly<Record<string, string>>;
};

/** Reads every conversation of a nanoclaw folder; no link is followed. */
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

/** The second is how it was named before there was one for each provider. */
const isContinuation = (key: string): boolean =>
  /^continuation:[a-z0-9-]{1,64}$/.test(key) || key === "sdk_session_id";

/** A longer file is not read: all of its rows are in memory at once, bytes. */
const mostBytes = 256 * 2 ** 20;

type Tables = Readonly<Record<string, readonly ForeignRow[]>>;

/** The tables of a file, or what is wrong with it. None without the file. */
const tablesOf = async (path: string, name: string): Promise<Tables | string> => {
  const file = join(path, name);
  const own = await oddness(file);
  if (own === "absent") return {};
  const all = [own, await oddness(`${file}-wal`), await oddness(`${file}-journal`)];
  const why = all.find((one) => one !== null && one !== "absent");
  if (why !== undefined) return `${name} ${why}`;
  const read = await readForeignTables(file);
  if (read.ok) return read.value;
  return `${name} ${read.error.code === "file-unreadable" ? `cannot be read (${read.error.detail})` : "is in use"}`;
};

/** What is wrong with a file of SQLite, or that there is none; null for a plain file that can be read whole. */
const oddness = async (file: string): Promise<string | null> => {
  try {
    const facts = await lstat(file);
    if (!facts.isFile()) return "is no file";
    return facts.size > mostBytes ? `is longer than ${mostBytes / 2 ** 20} MiB` : null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? "absent" : `cannot be read (${code})`;
  }
};
