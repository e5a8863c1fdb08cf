import { randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { attachmentLimits, namedFiles } from "../../decisions/named-files.ts";
import { putFiles, type FilePlace } from "../files/file-store.ts";
import type { FileBox } from "../store/session-tables.ts";
import type { SessionDatabase } from "../store/session-transaction.ts";
import { findOldFile, type OldBox, OldFileChanged, removeOldBox } from "./old-attachments.ts";
import { oldPaths } from "./old-paths.ts";

const boxes = ["inbox", "outbox", "held"] as const;

/** Whether a session's folder has files of messages: an older build kept them there. */
export const hasOldAttachments = (folder: string): boolean =>
  boxes.some((box) => existsSync(oldPaths(folder)[box]));

export type AttachmentsToTake = {
  readonly db: SessionDatabase;
  /** Empty for messages that belong to no session. */
  readonly sessionId: string;
  /** ISO 8601, UTC. */
  readonly now: string;
};

/** How many files were moved, and which ones were left out, each with the reason. */
export type TakenAttachments = { readonly files: number; readonly leftOut: readonly string[] };

/**
 * Moves the files of a session's messages into the database and removes their folders. Call it after
 * `takeOverSession`, while no agent runs. Idempotent after a kill at any point. The error is a sentence; then
 * the files stay.
 */
export const takeOverAttachments = async (
  options: AttachmentsToTake,
  folder: string,
): Promise<Result<TakenAttachments, string>> => {
  const leftOut: string[] = [];
  let files = 0;
  for await (const { box, messageId, name } of namedIn(options, folder)) {
    const place = { sessionId: options.sessionId, box: rowsOf[box], messageId };
    const taken = await takeOne(options, place, { folder, box, messageId, name });
    if (!taken.ok) return fail(`${folder}: ${taken.error}`);
    if (taken.value === null) files += 1;
    else leftOut.push(`${name} of ${messageId}: ${taken.value}`);
  }
  for (const box of boxes) {
    const removed = await removeOldBox(folder, box);
    if (!removed.ok) leftOut.push(`${box}: ${removed.error.detail}, so it is ${setAside(folder, box)} now`);
  }
  const { owner, account } = oldPaths(folder);
  for (const path of [owner, account]) rmSync(path, { force: true });
  return ok({ files, leftOut });
};

/** Renames a folder that could not be removed, so that it is not tried again. Returns the new name. */
const setAside = (folder: string, box: OldBox): string => {
  const path = oldPaths(folder)[box];
  const aside = `${path}-${randomUUID()}`;
  renameSync(path, aside);
  return aside;
};

const rowsOf: Readonly<Record<OldBox, FileBox>> = { inbox: "in", outbox: "out", held: "held" };

type Named = { readonly box: OldBox; readonly messageId: string; readonly name: string };

/**
 * Only files that a message names are read, because an agent could fill a folder with any number of others;
 * and the files of messages that awaited approval.
 */
async function* namedIn(options: AttachmentsToTake, folder: string): AsyncGenerator<Named> {
  for (const [box, table] of [
    ["inbox", "session_messages_in"],
    ["outbox", "session_messages_out"],
  ] as const)
    for await (const { id, content } of rowsWithFiles(options, table))
      for (const { name, problem } of namedFiles(JSON.parse(content)))
        if (problem === null) yield { box, messageId: id, name };
  const { held } = oldPaths(folder);
  for (const messageId of await namesIn(held))
    for (const name of await namesIn(join(held, messageId))) yield { box: "held", messageId, name };
}

/** Rows of one read. */
const atOnce = 200;

async function* rowsWithFiles(
  { db, sessionId }: AttachmentsToTake,
  table: "session_messages_in" | "session_messages_out",
): AsyncGenerator<{ readonly id: string; readonly content: string }> {
  for (let after = -1; ;) {
    const rows = await db
      .selectFrom(table)
      .select(["id", "seq", "content"])
      .where("session_id", "=", sessionId)
      .where("seq", ">", after)
      .where("content", "like", '%"attachments"%')
      .orderBy("seq")
      .limit(atOnce)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = Number(last.seq);
  }
}

/**
 * Null, or the reason why the file is left out: it could not have been delivered either. The error is a
 * sentence.
 */
const takeOne = async (
  { db, now }: AttachmentsToTake,
  place: FilePlace,
  { name, ...from }: Named & { readonly folder: string },
): Promise<Result<string | null, string>> => {
  const found = await findOldFile(from, name, attachmentLimits.bytes);
  if (!found.ok && found.error.code === "unusable")
    return fail(`${name} cannot be read (${found.error.detail}).`);
  if (!found.ok) return ok(found.error.code);
  const options = { now, most: attachmentLimits.bytes };
  try {
    const put = await putFiles(db, place, [{ name, content: found.value.content() }], options);
    return put.ok ? ok(null) : fail(`${name} cannot be kept (${put.error.detail}).`);
  } catch (error) {
    // The agent changed the file meanwhile.
    if (error instanceof OldFileChanged) return ok(error.message);
    throw error;
  }
};

const namesIn = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return [];
    throw error;
  }
};
