import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { fail, ok } from "@gatehouse/std";
import { attachmentLimits } from "../messages/named-files.ts";
import { isFolderName, safeFileName, safeFileNames } from "../messages/safe-names.ts";
import type { FileBox } from "@gatehouse/central-database";
import type { SessionDatabase, SessionTransaction } from "../rows/transaction.ts";
import { contentOf, guarded, writeChunks, type FileContent, type FileOutcome } from "./file-chunks.ts";

/** The files of one message. */
export type FilePlace = {
  /** Empty for a message that belongs to no session yet. */
  readonly sessionId: string;
  readonly box: FileBox;
  readonly messageId: string;
};

/** A file that is not complete after this time stays incomplete: its writer was killed. ms */
const unfinishedMs = 3_600_000;

/** A file to write. If its content throws, it is `unreadable` and nothing is stored. */
export type NewFile = {
  readonly name: string;
  /** Bytes, if they were announced. */
  readonly size?: number;
  readonly content: FileContent;
};

/** How files are written. */
export type PutOptions = {
  /** ISO 8601, UTC. */
  readonly now: string;
  /**
   * ISO 8601. At this time the file is removed. Without it, the file stays until it is removed explicitly.
   */
  readonly expiresAt?: string;
  /** Bytes of one file. A longer one is `too-large`. */
  readonly most: number;
  /** The group whose agent sends the files. Default: none, a person does. */
  readonly senderGroupId?: string;
  /** Checks, in the transaction that completes the file, whether its writer may still write. */
  readonly mayWrite?: (transaction: SessionTransaction) => Promise<boolean>;
};

/**
 * Writes the files of a message under safe names, and returns the names in the same order. All new files
 * become visible together, or none does. A file that exists already keeps its content: the message was sent
 * again.
 */
export const putFiles = async (
  db: SessionDatabase,
  place: FilePlace,
  files: readonly NewFile[],
  options: PutOptions,
): Promise<FileOutcome<readonly string[]>> => {
  if (!isFolderName(place.messageId))
    return fail({ code: "unsafe-id", detail: JSON.stringify(place.messageId) });
  const names = safeFileNames(files.map(({ name }) => name));
  const written: WrittenFile[] = [];
  let isKept = false;
  try {
    for (const [index, file] of files.entries()) {
      const put = await write(db, place, { ...file, name: names[index] ?? "file" }, { options, written });
      if (!put.ok) return put;
    }
    const finished = await guarded(() => finishAll(db, written, options));
    isKept = finished.ok && finished.value;
    if (isKept || (!finished.ok && (await areThere(db, place, names)))) return ok(names);
    return finished.ok ? fail({ code: "fenced", detail: "Its writer may write no more." }) : finished;
  } finally {
    if (!isKept) await guarded(() => discard(db, written));
  }
};

type WrittenFile = { readonly id: string; bytes: number };

/** Writes a file that does not exist yet, and adds it to the written ones. It is not complete yet. */
const write = async (
  db: SessionDatabase,
  place: FilePlace,
  { name, size, content }: NewFile,
  { options, written }: { readonly options: PutOptions; readonly written: WrittenFile[] },
): Promise<FileOutcome<null>> => {
  if (await areThere(db, place, [name])) return ok(null);
  const file = { id: randomUUID(), bytes: 0 };
  const begun = await guarded(() => begin(db, file.id, place, name, options));
  if (!begun.ok) return begun;
  written.push(file);
  const bytes = await writeChunks(db, file.id, content, { most: options.most, announced: size });
  if (!bytes.ok && bytes.error.code === "unreadable")
    return fail({ ...bytes.error, detail: `the file ${name} ${bytes.error.detail}.` });
  if (!bytes.ok) return bytes;
  file.bytes = bytes.value;
  return ok(null);
};

/**
 * If two writers store the same files at once, the unique index rejects one; that one finds the files here.
 */
const areThere = async (
  db: SessionDatabase,
  place: FilePlace,
  names: readonly string[],
): Promise<boolean> => {
  for (const name of names) {
    const there = await guarded(() => wholeFile(db, place, name));
    if (!there.ok || there.value === undefined) return false;
  }
  return true;
};

const begin = (
  db: SessionDatabase,
  id: string,
  { sessionId: session_id, box, messageId: message_id }: FilePlace,
  name: string,
  { now, senderGroupId }: PutOptions,
): Promise<unknown> =>
  db
    .insertInto("session_files")
    .values({
      id,
      session_id,
      box,
      message_id,
      name,
      bytes: 0,
      is_whole: 0,
      expires_at: new Date(Date.parse(now) + unfinishedMs).toISOString(),
      sender_group_id: senderGroupId ?? null,
    })
    .execute();

/** Marks all files as complete in one transaction. False if their writer may not write any more. */
const finishAll = async (
  db: SessionDatabase,
  written: readonly WrittenFile[],
  { mayWrite, expiresAt }: PutOptions,
): Promise<boolean> => {
  if (written.length === 0) return true;
  return db.transaction().execute(async (transaction) => {
    if (mayWrite !== undefined && !(await mayWrite(transaction))) return false;
    for (const { id, bytes } of written) {
      const whole = { bytes, is_whole: 1, expires_at: expiresAt ?? null } as const;
      const { numUpdatedRows } = await transaction
        .updateTable("session_files")
        .set(whole)
        .where("id", "=", id)
        .executeTakeFirst();
      // The upload took longer than an hour.
      if (numUpdatedRows === 0n) throw Object.assign(new Error("A file expired."), { code: "EXPIRED" });
    }
    return true;
  });
};

const discard = async (db: SessionDatabase, written: readonly WrittenFile[]): Promise<void> => {
  for (const { id } of written) await db.deleteFrom("session_files").where("id", "=", id).execute();
};

/** A literal: SQLite uses a partial index only if the statement itself contains the index's condition. */
const isWhole = sql<boolean>`is_whole = 1`;

const wholeFile = (
  db: SessionDatabase,
  { sessionId, box, messageId }: FilePlace,
  name: string,
): Promise<{ readonly id: string; readonly bytes: number } | undefined> =>
  db
    .selectFrom("session_files")
    .select(["id", "bytes"])
    .where("session_id", "=", sessionId)
    .where("box", "=", box)
    .where("message_id", "=", messageId)
    .where("name", "=", name)
    .where(isWhole)
    .executeTakeFirst();

/** A file that was found. */
export type FoundFile = {
  /** Bytes. */
  readonly size: number;
  /** The bytes; each call starts at the beginning. Throws if the file is removed meanwhile. */
  readonly content: () => AsyncIterable<Uint8Array>;
};

/** Finds a file of a message. */
export const findFile = async (
  db: SessionDatabase,
  place: FilePlace,
  name: string,
): Promise<FileOutcome<FoundFile>> => {
  if (safeFileName(name) !== name) return fail({ code: "unsafe-name", detail: JSON.stringify(name) });
  const found = await guarded(() => wholeFile(db, place, name));
  if (!found.ok) return found;
  if (found.value === undefined) return fail({ code: "missing", detail: name });
  const { id, bytes: size } = found.value;
  return ok({ size, content: () => contentOf(db, id, size) });
};

/**
 * Bytes of the files that a group's agents have sent and the host still keeps: those that wait, and those that were
 * delivered to chats and to other agents. Each counts its length, also if it had holes in the agent's folder.
 */
const bytesSentBy = async (db: SessionDatabase, groupId: string): Promise<number> => {
  const { bytes } = await db
    .selectFrom("session_files")
    .select(({ fn }) => fn.sum<number | null>("bytes").as("bytes"))
    .where("sender_group_id", "=", groupId)
    .executeTakeFirstOrThrow();
  return Number(bytes ?? 0);
};

/** Most bytes of files of one group's agents that the host keeps. */
const mostKept = 10 * attachmentLimits.count * attachmentLimits.bytes;

/** Why the host keeps no more files of a group, in a clause; null if one of the maximum size has room. */
export const fullGroup = async (db: SessionDatabase, groupId: string): Promise<string | null> =>
  (await bytesSentBy(db, groupId)) + attachmentLimits.bytes <= mostKept
    ? null
    : `the host keeps ${Math.floor(mostKept / 1_000_000)} MB of files that this group sent, and takes no more until some are removed`;

/** The files to remove: those of one message, of all messages of a box, or of a session. */
export type RemovedFiles = Pick<FilePlace, "sessionId"> & Partial<Pick<FilePlace, "box" | "messageId">>;

export const removeFiles = async (
  db: SessionDatabase,
  { sessionId, box, messageId }: RemovedFiles,
): Promise<FileOutcome<null>> => {
  const removed = await guarded(() =>
    db
      .deleteFrom("session_files")
      .where("session_id", "=", sessionId)
      .$if(box !== undefined, (files) => files.where("box", "=", box ?? "in"))
      .$if(messageId !== undefined, (files) => files.where("message_id", "=", messageId ?? ""))
      .execute(),
  );
  return removed.ok ? ok(null) : removed;
};

/** Sets when the files of a message are removed automatically: ISO 8601, or null for never. */
export const expireFiles = async (
  db: SessionDatabase,
  { sessionId, box, messageId }: FilePlace,
  at: string | null,
): Promise<void> => {
  await db
    .updateTable("session_files")
    .set({ expires_at: at })
    .where("session_id", "=", sessionId)
    .where("box", "=", box)
    .where("message_id", "=", messageId)
    .where(isWhole)
    .execute();
};

/** Removes files whose time is over (now: ISO 8601, UTC), and incomplete files whose writer is gone. */
export const removeExpired = async (db: SessionDatabase, now: string): Promise<void> => {
  await db.deleteFrom("session_files").where("expires_at", "<", now).execute();
};
