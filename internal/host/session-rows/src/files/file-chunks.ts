import { Buffer } from "node:buffer";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { SessionDatabase } from "../rows/transaction.ts";

export type FileError = {
  readonly code:
    /** The message's id is a path, so the agent could have no folder for it. Nothing was written. */
    | "unsafe-id"
    /** The name leads out of the message's folder, or begins with a dot. */
    | "unsafe-name"
    | "missing"
    | "too-large"
    /** The writer's lease or incarnation is over. */
    | "fenced"
    /** The content cannot be read to its end, or has another size than announced; `detail` says so. */
    | "unreadable"
    /** The database cannot be read or written; `detail` has its code. */
    | "unusable";
  readonly detail: string;
  /** With `unreadable`: the error of the content. */
  readonly cause?: unknown;
};

export type FileOutcome<T> = Result<T, FileError>;

/** Bytes of one row. Chunks keep a transaction small, and no process holds a whole file in memory. */
const chunkBytes = 256 * 2 ** 10;

/** The content to write. It is read once. */
type Bytes = Uint8Array | AsyncIterable<Uint8Array>;
export type FileContent = Bytes | (() => Bytes);

/** How much may be written. Bytes. */
type Sizes = { readonly most: number; readonly announced: number | undefined };

/** Returns the number of bytes written. */
export const writeChunks = async (
  db: SessionDatabase,
  file_id: string,
  content: FileContent,
  { most, announced }: Sizes,
): Promise<FileOutcome<number>> => {
  let [n, bytes] = [0, 0];
  try {
    for await (const chunk of inChunks(typeof content === "function" ? content() : content)) {
      bytes += chunk.length;
      if (bytes > (announced ?? bytes)) break;
      if (bytes > most) return fail({ code: "too-large", detail: `${most} bytes are the most` });
      const kept = await guarded(() =>
        db.insertInto("session_file_chunks").values({ file_id, n, content: chunk }).execute(),
      );
      if (!kept.ok) return kept;
      n += 1;
    }
  } catch (cause) {
    return fail({ code: "unreadable", detail: "cannot be read", cause });
  }
  if (bytes === (announced ?? bytes)) return ok(bytes);
  return fail({ code: "unreadable", detail: "does not have the announced size" });
};

/** The bytes of a file. Throws if the file is removed while it is read. */
export async function* contentOf(db: SessionDatabase, id: string, size: number): AsyncGenerator<Uint8Array> {
  for (let [n, left] = [0, size]; left > 0; n += 1) {
    const row = await db
      .selectFrom("session_file_chunks")
      .select("content")
      .where("file_id", "=", id)
      .where("n", "=", n)
      .executeTakeFirst();
    if (row === undefined) throw removed();
    // libsql 0.5 gives an ArrayBuffer, pg a Buffer.
    const chunk = new Uint8Array(row.content);
    left -= chunk.length;
    yield chunk;
  }
}

/** Regroups the content into chunks of equal size, except for the last one. */
async function* inChunks(content: Bytes): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of content instanceof Uint8Array ? [content] : content)
    for (let at = 0; at < part.length;) {
      const some = part.subarray(at, at + chunkBytes - bytes);
      waiting.push(some);
      [at, bytes] = [at + some.length, bytes + some.length];
      if (bytes < chunkBytes) continue;
      yield Buffer.concat(waiting);
      [waiting, bytes] = [[], 0];
    }
  if (bytes > 0) yield Buffer.concat(waiting);
}

/** Runs work on the database. A database error becomes `unusable`; a bug is thrown. */
export const guarded = async <T>(work: () => Promise<T>): Promise<FileOutcome<T>> => {
  try {
    return ok(await work());
  } catch (error) {
    return fail({ code: "unusable", detail: systemCode(error) });
  }
};

/** Has a system error code, because readers of files expect one. */
const removed = (): Error =>
  Object.assign(new Error("The file of a message was removed while it was read."), { code: "ENOENT" });
