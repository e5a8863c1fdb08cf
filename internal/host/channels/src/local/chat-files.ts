import { createHash, randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { makeFolder } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { attachmentLimits, isFolderName } from "@gatehouse/session-rows/messages";
import { expireFiles, findFile, putFiles, removeFiles, type FilePlace } from "@gatehouse/session-rows";
import type { Attachment } from "../channel.ts";

/** A file of a message, as the message's row names it. */
export type FileEntry = {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
};

/**
 * The files of local chats. They are in the database: files of people, under their numbers, until the host
 * has stored them in a session; files to people for 30 days. Clients read copies in a folder of this host,
 * `out/<message>/<name>`. The files of a message are stored all or none.
 */
export type ChatFiles = {
  /** Makes a folder for files that are not complete yet. */
  readonly beginAside: () => Promise<string>;
  /**
   * Stores the files of a person's message, which are in that folder under their numbers. Files that are
   * stored already stay.
   */
  readonly store: (aside: string, messageId: string, files: readonly FileEntry[]) => Promise<void>;
  /** Keeps the files while their row waits: call it in the transaction that writes the row. */
  readonly pin: (transaction: Kysely<CentralTables>, messageId: string) => Promise<void>;
  /** The files of a person's message. */
  readonly attachmentsOf: (messageId: string, files: readonly FileEntry[]) => readonly Attachment[];
  /** Removes the files after the host has stored them. */
  readonly forget: (messageId: string) => Promise<void>;
  /** Stores the files of a message to a chat. The error is a sentence. */
  readonly keep: (
    messageId: string,
    attachments: readonly Attachment[],
    senderGroupId: string | undefined,
  ) => Promise<Result<readonly FileEntry[], string>>;
  /** Copies the files of a message to a chat for clients of this host, and returns their paths. */
  readonly pathsOf: (messageId: string, files: readonly FileEntry[]) => Promise<readonly string[]>;
  /** Notes that a client has its own copies of the files of a message to a chat. */
  readonly fetched: (messageId: string) => Promise<void>;
  /** Removes the uploads that an earlier host left. */
  readonly clearUploads: () => Promise<void>;
  /**
   * Removes copies of files whose time in the database is over, and files of people's messages that are not needed.
   * `isNeeded`: null if a person's message is unknown.
   */
  readonly sweep: (isNeeded: (messageId: string) => Promise<boolean | null>) => Promise<void>;
};

export type ChatFilesOptions = {
  readonly db: Kysely<CentralTables>;
  readonly folder: string;
  /** ISO 8601, UTC. */
  readonly now: () => string;
};

/** How long the files of a message are kept before its row is written, ms. */
const leftMs = 24 * 3600 * 1000;

/** How long files to people are kept if no client fetches them, ms. */
const keptMs = 30 * 24 * 3600 * 1000;

/** How long fetched files are kept for another client of the chat that may be reconnecting, ms. */
const sharedMs = 10 * 60 * 1000;

export const chatFiles = ({ db, folder, now }: ChatFilesOptions): ChatFiles => {
  const [outgoing, asides] = [join(folder, "out"), join(folder, "aside")];
  const after = (ms: number): string => new Date(Date.parse(now()) + ms).toISOString();
  const beginAside = async (): Promise<string> => {
    const aside = join(asides, randomUUID());
    await makeFolder(aside, 0o700);
    return aside;
  };
  return {
    beginAside,
    store: async (aside, messageId, files) => {
      const content = files.map((_, index) => ({
        name: String(index),
        content: bytesIn(join(aside, String(index))),
      }));
      const options = { now: now(), most: attachmentLimits.bytes, expiresAt: after(leftMs) };
      const put = await putFiles(db, placeOf("chat-in", messageId), content, options);
      if (!put.ok) throw Object.assign(new Error("A file cannot be kept."), { code: put.error.detail });
    },
    pin: (transaction, messageId) => expireFiles(transaction, placeOf("chat-in", messageId), null),
    attachmentsOf: (messageId, files) =>
      files.map(({ name, size }, index) => ({
        name,
        size,
        content: () => bytesOf(db, placeOf("chat-in", messageId), String(index)),
      })),
    forget: async (messageId) => void (await removeFiles(db, placeOf("chat-in", messageId))),
    keep: async (messageId, attachments, senderGroupId) => {
      if (attachments.length === 0) return ok([]);
      const put = await putFiles(db, placeOf("chat-out", messageId), attachments, {
        now: now(),
        expiresAt: after(keptMs),
        most: attachmentLimits.bytes,
        ...(senderGroupId === undefined ? {} : { senderGroupId }),
      });
      if (put.ok)
        return ok(attachments.map(({ size }, index) => ({ name: put.value[index] ?? "file", size })));
      const { code, detail } = put.error;
      return fail(`Its files cannot be kept: ${code === "unreadable" ? detail : `${code} (${detail})`}`);
    },
    pathsOf: async (messageId, files) => {
      const place = join(outgoing, folderOf(messageId));
      if (!existsSync(place)) await copyOut(db, messageId, files, { aside: await beginAside(), place });
      return files.map(({ name }) => join(place, name));
    },
    fetched: (messageId) => expireFiles(db, placeOf("chat-out", messageId), after(sharedMs)),
    clearUploads: () => rm(asides, { recursive: true, force: true }),
    sweep: async (isNeeded) => {
      const kept = await keptIn(db, now());
      for (const name of await entriesOf(outgoing))
        if (!kept.has(name)) await rm(join(outgoing, name), { recursive: true, force: true });
      for (const messageId of await pinnedIn(db))
        if ((await isNeeded(messageId)) !== true) await removeFiles(db, placeOf("chat-in", messageId));
    },
  };
};

/** The content of a file of a message to a chat; null if its time in the database is over. */
export const contentOut = async (
  db: Kysely<CentralTables>,
  messageId: string,
  name: string,
): Promise<(() => AsyncIterable<Uint8Array>) | null> => {
  const found = await findFile(db, placeOf("chat-out", messageId), name);
  return found.ok ? found.value.content : null;
};

const placeOf = (box: "chat-in" | "chat-out", messageId: string): FilePlace => ({
  sessionId: "",
  box,
  messageId: folderOf(messageId),
});

/** An agent may give a message any id. */
const folderOf = (messageId: string): string =>
  isFolderName(messageId) ? messageId : createHash("sha256").update(messageId).digest("hex");

/** The people's messages whose files stay until they are removed explicitly. */
const pinnedIn = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await messagesWithFiles(db, "chat-in").where("expires_at", "is", null).execute();
  return rows.map(({ message_id: messageId }) => messageId);
};

/** The messages to chats whose files are still kept. */
const keptIn = async (db: Kysely<CentralTables>, now: string): Promise<ReadonlySet<string>> => {
  const rows = await messagesWithFiles(db, "chat-out").where("expires_at", ">", now).execute();
  return new Set(rows.map(({ message_id: messageId }) => messageId));
};

const messagesWithFiles = (db: Kysely<CentralTables>, box: "chat-in" | "chat-out") =>
  db
    .selectFrom("session_files")
    .select("message_id")
    .distinct()
    .where("session_id", "=", "")
    .where("box", "=", box);

async function* bytesIn(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

async function* bytesOf(
  db: Kysely<CentralTables>,
  place: FilePlace,
  name: string,
): AsyncGenerator<Uint8Array> {
  const found = await findFile(db, place, name);
  if (!found.ok) throw Object.assign(new Error("A file is not there."), { code: "ENOENT" });
  yield* found.value.content();
}

/** Copies nothing if a file was removed from the database because its time is over. */
const copyOut = async (
  db: Kysely<CentralTables>,
  messageId: string,
  files: readonly FileEntry[],
  { aside, place }: { readonly aside: string; readonly place: string },
): Promise<void> => {
  try {
    for (const { name } of files) {
      const found = await findFile(db, placeOf("chat-out", messageId), name);
      if (!found.ok) return;
      await writeFile(join(aside, name), found.value.content(), { mode: 0o600, flag: "wx" });
    }
    await makeFolder(join(place, ".."), 0o700);
    await rename(aside, place);
  } catch (error) {
    // Another client's copy came first, the file was removed, or the disk is full: the client reports the
    // file as missing.
    systemCode(error);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
};

/** The names in a folder; none if there is no folder. */
const entriesOf = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};
