import { sql, type DeleteQueryBuilder, type DeleteResult, type Kysely } from "kysely";
import type { Intent, IntentSource, Reach } from "@nc/cli-scope";
import { databaseTime } from "../database/database-time.ts";
import type { CentralTables, IntentRow } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { forgetUntil } from "../world/forget-until.ts";
import { nameOfActor } from "../world/name-of-actor.ts";
import type { Outcome } from "./carrier.ts";

/** An intent that has no outcome yet. */
export type OpenIntent = Pick<IntentRow, "id" | "kind" | "command" | "payload" | "agent_group_id">;

/** The caller of an act, and how far it reaches. */
export type Asker = { readonly source: IntentSource; readonly reach: Reach };

/** Writes an intent and returns its id. It exists only if the caller's transaction is committed. */
export const writeIntent = async (
  db: Kysely<CentralTables>,
  { source: { actor, command }, reach }: Asker,
  { kind, payload }: Intent,
  clock: ClockAndIds,
): Promise<string> => {
  const id = clock.id("in");
  const asked = { id, kind, command, asked_by: nameOfActor(actor), payload: JSON.stringify(payload) };
  const agent_group_id = reach === "all" ? null : reach.groupId;
  await db
    .insertInto("intents")
    .values({ ...asked, agent_group_id, created_at: clock.now() })
    .execute();
  return id;
};

/** All intents without an outcome, the oldest first. */
export const openIntents = (db: Kysely<CentralTables>): Promise<OpenIntent[]> =>
  db
    .selectFrom("intents")
    .select(["id", "kind", "command", "payload", "agent_group_id"])
    .where("done_at", "is", null)
    .orderBy("created_at")
    .orderBy("id")
    .execute();

/** The outcome of an intent; null while it has none. */
export const outcomeOf = async (db: Kysely<CentralTables>, id: string): Promise<Outcome | null> => {
  const row = await db.selectFrom("intents").select("outcome").where("id", "=", id).executeTakeFirst();
  const outcome = row?.outcome ?? null;
  return outcome === null ? null : (JSON.parse(outcome) as Outcome);
};

/** How long a claim of an intent holds without being renewed, ms. */
export const claimMs = 15_000;

/** Claims an open intent that no other host carries out. False if one does, or did. */
export const claimIntent = async (db: Kysely<CentralTables>, id: string, owner: string): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("intents")
    .set({ claimed_by: owner, claimed_until: databaseTime(db, claimMs) })
    .where("id", "=", id)
    .where("done_at", "is", null)
    .where((eb) =>
      eb.or([
        eb("claimed_by", "is", null),
        eb("claimed_by", "=", owner),
        eb("claimed_until", "<=", databaseTime(db)),
      ]),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** Prolongs the claims of a host. One that another host has by now is lost. */
export const renewClaims = async (db: Kysely<CentralTables>, owner: string): Promise<void> => {
  await db
    .updateTable("intents")
    .set({ claimed_until: databaseTime(db, claimMs) })
    .where("done_at", "is", null)
    .where("claimed_by", "=", owner)
    .execute();
};

/** Ends the claims of hosts whose names begin so: their processes are gone. */
export const voidClaims = async (db: Kysely<CentralTables>, prefix: string): Promise<void> => {
  await db
    .updateTable("intents")
    .set({ claimed_by: null, claimed_until: null })
    .where("done_at", "is", null)
    .where(sql<string>`substr(claimed_by, 1, ${prefix.length})`, "=", prefix)
    .execute();
};

/** Writes the outcome of an intent. The first outcome is kept, and that of a host that lost it is not. */
export const writeOutcome = async (
  db: Kysely<CentralTables>,
  { id, owner }: { readonly id: string; readonly owner: string },
  outcome: Outcome,
  now: string,
): Promise<void> => {
  await db
    .updateTable("intents")
    .set({ outcome: JSON.stringify(outcome), done_at: now })
    .where("id", "=", id)
    .where("claimed_by", "=", owner)
    .where("done_at", "is", null)
    .execute();
};

/** Deletes intents that ended long before `now`. An open one is kept. */
export const forgetOldIntents = (
  db: Kysely<CentralTables>,
  now: string,
): DeleteQueryBuilder<CentralTables, "intents", DeleteResult> =>
  db.deleteFrom("intents").where("done_at", "<=", forgetUntil(now));
