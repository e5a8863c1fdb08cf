import { Buffer } from "node:buffer";
import type { Kysely } from "kysely";
import type { CentralTables } from "../tables.ts";

type Database = Kysely<CentralTables>;
type Key = { readonly file_id: string; readonly n: number };

/**
 * Copies the chunks of files one after the other: together they would need memory for the size of all files.
 */
export const copyFileChunks = async (source: Database, target: Database): Promise<void> => {
  for (const key of await keysOf(source)) {
    const content = await contentOf(source, key);
    if (content !== null)
      await target
        .insertInto("session_file_chunks")
        .values({ ...key, content })
        .execute();
  }
};

/** Compares both copies. Returns the number of chunks, or the number of the first chunk that differs. */
export const comparedFileChunks = async (
  source: Database,
  target: Database,
): Promise<number | { readonly row: number }> => {
  const keys = await keysOf(source);
  for (const [index, key] of keys.entries()) {
    const [sent, arrived] = [await contentOf(source, key), await contentOf(target, key)];
    if (sent === null || arrived === null || !sent.equals(arrived)) return { row: index + 1 };
  }
  return (await keysOf(target)).length === keys.length ? keys.length : { row: keys.length + 1 };
};

const keysOf = (db: Database): Promise<readonly Key[]> =>
  db.selectFrom("session_file_chunks").select(["file_id", "n"]).orderBy("file_id").orderBy("n").execute();

/** The bytes of a chunk; null if it is missing. libsql 0.5 gives an ArrayBuffer, pg a Buffer. */
const contentOf = async (db: Database, { file_id, n }: Key): Promise<Buffer | null> => {
  const row = await db
    .selectFrom("session_file_chunks")
    .select("content")
    .where("file_id", "=", file_id)
    .where("n", "=", n)
    .executeTakeFirst();
  return row === undefined ? null : Buffer.from(new Uint8Array(row.content));
};
