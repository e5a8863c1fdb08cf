import { sql, type Kysely } from "kysely";
import { statement } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import { databaseTime, isServer } from "../database/database-time.ts";

/** A lease as its owner holds it: what each write about the session names. */
export type HeldLease = { readonly sessionId: string; readonly token: number };

/** Why a lease could not be taken. */
export type LeaseError =
  | {
      readonly code: "held";
      readonly owner: string;
      /** By the database's clock, ISO 8601, UTC. */
      readonly until: string;
    }
  | { readonly code: "no-such-session" };

/** A write about a session by a host that no longer holds it. Nothing was written. */
export type Fenced = { readonly code: "fenced"; readonly message: string };

/**
 * Takes the lease on a session that nobody holds, with a higher token than any before. Its own owner gets it
 * prolonged, with the same token.
 */
export const takeLease = async (
  db: Kysely<CentralTables>,
  { sessionId, owner, ttlMs }: { readonly sessionId: string; readonly owner: string; readonly ttlMs: number },
): Promise<Result<HeldLease & { readonly until: string }, LeaseError>> => {
  const now = databaseTime(db);
  const { rows } = await sql<{ token: number; expires_at: string }>`
    insert into session_leases as lease (session_id, owner, token, expires_at)
    select id, ${sql.val(owner)}, 1, ${databaseTime(db, ttlMs)} from sessions where id = ${sessionId}
    on conflict (session_id) do update set
      token = case when lease.owner = excluded.owner and lease.expires_at > ${now}
        then lease.token else lease.token + 1 end,
      wanted_at = case when lease.owner = excluded.owner then lease.wanted_at end,
      owner = excluded.owner,
      expires_at = excluded.expires_at
    where lease.owner = excluded.owner or lease.expires_at <= ${now}
    returning token, expires_at`.execute(db);
  const [taken] = rows;
  if (taken !== undefined)
    return { ok: true, value: { sessionId, token: taken.token, until: taken.expires_at } };
  return { ok: false, error: await holderOf(db, sessionId) };
};

const holderOf = async (db: Kysely<CentralTables>, sessionId: string): Promise<LeaseError> => {
  const holder = await db
    .selectFrom("session_leases")
    .select(["owner", "expires_at"])
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  if (holder === undefined) return { code: "no-such-session" };
  return { code: "held", owner: holder.owner, until: holder.expires_at };
};

/** The expiry of a lease that was given back. One that ran out has a later one. */
const givenBack = "1970-01-01T00:00:00.000Z";

/**
 * Prolongs all leases of an owner and returns them. One that has expired is lost, even if nobody took it: its
 * owner was away longer than it promised. With `isAlone` it is prolonged too: nobody else could take it.
 */
export const renewLeases = async (
  db: Kysely<CentralTables>,
  owner: string,
  ttlMs: number,
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<readonly HeldLease[]> => {
  const renewed = await db
    .updateTable("session_leases")
    .set({ expires_at: databaseTime(db, ttlMs) })
    .where("owner", "=", owner)
    .where("expires_at", ">", isAlone ? givenBack : databaseTime(db))
    .returning(["session_id", "token"])
    .execute();
  return renewed.map(({ session_id, token }) => ({ sessionId: session_id, token }));
};

/**
 * Lets the next host take the session at once. The row stays, for its token. With `hasWork` it is as if the
 * lease had run out: another host takes it, and looks what there is to do.
 */
export const giveBackLease = async (
  db: Kysely<CentralTables>,
  { sessionId, token }: HeldLease,
  { hasWork = false }: { readonly hasWork?: boolean } = {},
): Promise<void> => {
  await db
    .updateTable("session_leases")
    .set({ expires_at: hasWork ? databaseTime(db) : givenBack })
    .where("session_id", "=", sessionId)
    .where("token", "=", token)
    .where("expires_at", ">", databaseTime(db))
    .execute();
};

/**
 * Checks within a transaction that this is the newest token of the session. On a server its lease must not have
 * expired either, and the row is locked until the end of the transaction, so that nobody takes the lease before.
 * A file has one host, which may have been stopped for long: its lease holds until the next host takes it.
 */
export const withFence = async (
  transaction: Kysely<CentralTables>,
  sessionId: string,
  token: number,
): Promise<Result<null, Fenced>> => {
  const newest = transaction
    .selectFrom("session_leases")
    .select("token")
    .where("session_id", "=", sessionId)
    .where("token", "=", token);
  const held = isServer(transaction)
    ? newest.where("expires_at", ">", databaseTime(transaction)).forUpdate()
    : newest;
  const found = await held.executeTakeFirst();
  if (found !== undefined) return { ok: true, value: null };
  const message = `This host no longer holds session ${sessionId}: its lease ${token} expired, or another took it.`;
  return { ok: false, error: { code: "fenced", message } };
};

/** Gives back the leases of hosts whose names begin so, or of all but this one: their processes are gone. */
export const voidLeases = async (
  db: Kysely<CentralTables>,
  { except, prefix = "" }: { readonly except: string; readonly prefix?: string },
): Promise<void> => {
  await db
    .updateTable("session_leases")
    .set({ expires_at: givenBack })
    .where("owner", "!=", except)
    .where(sql<string>`substr(owner, 1, ${prefix.length})`, "=", prefix)
    .execute();
};

const selectAbandoned = statement((db: Kysely<CentralTables>) =>
  db
    .selectFrom("session_leases")
    .innerJoin("sessions", "sessions.id", "session_leases.session_id")
    .select("session_id")
    .where("sessions.status", "=", "active")
    .where("expires_at", ">", givenBack)
    .where("expires_at", "<=", databaseTime(db))
    .orderBy("session_id"),
);

/** Active sessions whose host did not come back in time: their leases ran out, and were not given back. */
export const abandonedSessions = async (db: Kysely<CentralTables>): Promise<readonly string[]> =>
  (await selectAbandoned(db, {})).rows.map(({ session_id: id }) => id);

/** A host that asks for a session asks again before this, ms. */
const askedForMs = 5_000;

/** Why a host asks for a session: to end its container, or because its agent is connected to that host. */
export type WantedFor = "stop" | "connection";

/** Asks the host that holds a session to let it go. Ask again until the lease is taken. */
export const wantSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
  purpose: WantedFor,
): Promise<void> => {
  await db
    .updateTable("session_leases")
    .set({ wanted_at: databaseTime(db), wanted_for: purpose })
    .where("session_id", "=", sessionId)
    .execute();
};

const selectWanted = statement((db: Kysely<CentralTables>, { owner }: { readonly owner: string }) =>
  db
    .selectFrom("session_leases")
    .select(["session_id", "wanted_for"])
    .where("owner", "=", owner)
    .where("expires_at", ">", databaseTime(db))
    .where("wanted_at", ">", databaseTime(db, -askedForMs)),
);

/** The sessions of this host that another one asks for. */
export const wantedSessions = async (
  db: Kysely<CentralTables>,
  owner: string,
): Promise<readonly { readonly id: string; readonly purpose: WantedFor }[]> =>
  (await selectWanted(db, { owner })).rows.map(({ session_id: id, wanted_for }) => ({
    id,
    purpose: wanted_for ?? "stop",
  }));
