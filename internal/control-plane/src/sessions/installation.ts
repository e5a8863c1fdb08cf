import { sql, type Kysely } from "kysely";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";

/** A folder with the files of sessions: what its file `sessions-id` says, and where this host has it. */
export type SessionsFolder = { readonly id: string; readonly dir: string };

/**
 * Makes this the folder of the sessions of all hosts, if none is yet. Where another one is, that one is the
 * error.
 */
export const agreeOnSessions = (
  db: Kysely<CentralTables>,
  { id, dir }: SessionsFolder,
): Promise<Result<null, SessionsFolder>> =>
  db.transaction().execute(async (transaction) => {
    const agreed = await agreedSessions(transaction);
    if (agreed !== null && agreed.id !== id) return { ok: false, error: agreed };
    if (agreed === null)
      await transaction
        .insertInto("installation")
        .values({ sessions_id: id, sessions_dir: dir, changes: 0 })
        .execute();
    return { ok: true, value: null };
  });

/** The sessions folder of all hosts; null before the first host. */
export const agreedSessions = async (db: Kysely<CentralTables>): Promise<SessionsFolder | null> => {
  const row = await db.selectFrom("installation").select(["sessions_id", "sessions_dir"]).executeTakeFirst();
  return row === undefined ? null : { id: row.sessions_id, dir: row.sessions_dir };
};

/** Says that a command changed something, to the other hosts. */
export const noteChange = async (db: Kysely<CentralTables>): Promise<void> => {
  await db
    .updateTable("installation")
    .set({ changes: sql`changes + 1` })
    .execute();
};

/** How often that was said. */
export const changesNoted = async (db: Kysely<CentralTables>): Promise<number> =>
  (await db.selectFrom("installation").select("changes").executeTakeFirst())?.changes ?? 0;
