import { sql, type Kysely } from "kysely";
import type { Intent, IntentSource, Reach } from "@nc/cli-scope";
import { type CentralTables, type IntentRow, isServer } from "@gatehouse/central-database";
import { type ClockAndIds, forgetUntil, nameOfActor } from "@gatehouse/command-context";
import { takeNamed } from "@gatehouse/session-rows";
import type { IntentOutcome } from "./intent-handler.ts";

/** An intent that has no outcome yet. */
export type OpenIntent = Pick<IntentRow, "id" | "kind" | "command" | "payload" | "agent_group_id">;

/** The caller of an act, and its reach. */
export type Asker = { readonly source: IntentSource; readonly reach: Reach };

/** Writes an intent in the caller's transaction, and returns its id. */
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
export const outcomeOf = async (db: Kysely<CentralTables>, id: string): Promise<IntentOutcome | null> => {
  const row = await db.selectFrom("intents").select("outcome").where("id", "=", id).executeTakeFirst();
  const outcome = row?.outcome ?? null;
  return outcome === null ? null : (JSON.parse(outcome) as IntentOutcome);
};

/** Time for which a claim of an intent is valid without renewal, ms. */
export const claimMs = 15_000;

/**
 * Claims an open intent, or prolongs the claim of this host. False if another host has claimed it, or if it already has an
 * outcome.
 */
export const claimIntent = async (db: Kysely<CentralTables>, id: string, owner: string): Promise<boolean> => {
  const open = sql`select id, null from intents where id = ${id} and done_at is null`;
  return (await takeNamed(db, open, { owner, ttlMs: claimMs })) !== null;
};

/** Writes the outcome of an intent. Does nothing if it has an outcome, or if this host has lost its claim. */
export const writeOutcome = async (
  db: Kysely<CentralTables>,
  { id, owner }: { readonly id: string; readonly owner: string },
  outcome: IntentOutcome,
  now: string,
): Promise<void> => {
  const claimed = db.selectFrom("leases").select("name").where("name", "=", id).where("owner", "=", owner);
  await db
    .updateTable("intents")
    .set({ outcome: JSON.stringify(outcome), done_at: now })
    .where("id", "=", id)
    // Locked, so that no host claims it between this check and the write.
    .where("id", "in", isServer(db) ? claimed.forUpdate() : claimed)
    .where("done_at", "is", null)
    .execute();
};

/** Deletes intents that ended long before `now`, and their leases. Open intents are kept. */
export const forgetOldIntents = async (db: Kysely<CentralTables>, now: string): Promise<void> => {
  const old = db.selectFrom("intents").select("id").where("done_at", "<=", forgetUntil(now));
  await db.deleteFrom("leases").where("name", "in", old).execute();
  await db.deleteFrom("intents").where("done_at", "<=", forgetUntil(now)).execute();
};
