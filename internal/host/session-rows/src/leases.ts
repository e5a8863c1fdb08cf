import { sql, type Kysely, type RawBuilder } from "kysely";
import { isHostAway, keptAway } from "@gatehouse/postgres";
import type { Result } from "@gatehouse/std";
import { type CentralTables, databaseTime, isServer } from "@gatehouse/central-database";
import { lockAsWriter } from "./rows/transaction.ts";

/** A lease of this host. Each write about the session names its token. */
export type HeldLease = { readonly sessionId: string; readonly token: number };

/** Why a lease could not be taken. */
export type LeaseError = { readonly code: "held" | "no-such-session" };

/** The refusal of a write about a session that this host no longer leases. Nothing was written. */
export type Fenced = { readonly code: "fenced"; readonly message: string };

/** The expiry of a lease that was given back. A lease that ran out has a later expiry. */
const givenBack = "1970-01-01T00:00:00.000Z";

/**
 * Takes the lease of a session that no host leases, with a higher token than any before. If `owner` has the
 * lease already, it is prolonged with the same token. `ttlMs`: its duration, ms.
 */
export const takeLease = async (
  db: Kysely<CentralTables>,
  { sessionId, owner, ttlMs }: { readonly sessionId: string; readonly owner: string; readonly ttlMs: number },
): Promise<Result<HeldLease, LeaseError>> => {
  const found = sql`select id, id from sessions where id = ${sessionId}`;
  const token = await takeNamed(db, found, { owner, ttlMs });
  if (token !== null) return { ok: true, value: { sessionId, token } };
  const there = db.selectFrom("leases").select("name").where("name", "=", sessionId);
  const isHeld = (await there.executeTakeFirst()) !== undefined;
  return { ok: false, error: { code: isHeld ? "held" : "no-such-session" } };
};

/** The same for anything else. `found` selects its name and its session; nothing once it is over. Returns the token; null if the lease is not free. */
export const takeNamed = async (
  db: Kysely<CentralTables>,
  found: RawBuilder<unknown>,
  { owner, ttlMs }: { readonly owner: string; readonly ttlMs: number },
): Promise<number | null> => {
  const now = databaseTime(db);
  const isOwn = sql<boolean>`owner = ${owner} and expires_at > ${now}`;
  await addLease(db, found);
  const { rows } = await sql<{ token: number }>`
    with found(name, session_id) as (${found})
    update leases set
      token = case when ${isOwn} then token else token + 1 end,
      wanted_at = case when ${isOwn} then wanted_at end,
      wanted_for = case when ${isOwn} then wanted_for end,
      is_unread = case when ${isOwn} then is_unread else 0 end,
      owner = ${owner},
      expires_at = ${databaseTime(db, ttlMs)}
    where name in (select name from found) and (owner = ${owner} or expires_at <= ${now})
    returning token`.execute(db);
  return rows[0]?.token ?? null;
};

/**
 * Adds the row of a lease, of nobody, if there is none. Without a target: the row has two unique keys, and for a statement that
 * names one of them PostgreSQL 15 reports the other one as a duplicate if two hosts run it at once.
 */
const addLease = async (db: Kysely<CentralTables>, found: RawBuilder<unknown>): Promise<void> => {
  await sql`
    insert into leases (name, session_id, owner, token, expires_at)
    select found.*, '', 0, ${sql.val(givenBack)} from (${found}) as found where true
    on conflict do nothing`.execute(db);
};

/**
 * Prolongs all leases of an owner on sessions, and returns them. An expired lease is lost even if no other host took it.
 * With `isAlone` expired leases are prolonged too, since there is no other host that could have taken them.
 */
export const renewLeases = async (
  db: Kysely<CentralTables>,
  owner: string,
  ttlMs: number,
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<readonly HeldLease[]> => {
  return db
    .updateTable("leases")
    .set({ expires_at: databaseTime(db, ttlMs) })
    .where("owner", "=", owner)
    .where("session_id", "is not", null)
    .where("expires_at", ">", isAlone ? givenBack : databaseTime(db))
    .returning(["name as sessionId", "token"])
    .execute();
};

/**
 * Gives a lease back, so that the next host can take it at once. The row is kept for its token. With
 * `hasWork` the lease counts as run out, so that another host takes the session and does its work.
 */
export const giveBackLease = async (
  db: Kysely<CentralTables>,
  name: string,
  token: number,
  { hasWork = false }: { readonly hasWork?: boolean } = {},
): Promise<void> => {
  await db
    .updateTable("leases")
    .set({ expires_at: hasWork ? databaseTime(db) : givenBack })
    .where("name", "=", name)
    .where("token", "=", token)
    .where("expires_at", ">", databaseTime(db))
    .execute();
};

/**
 * Gives back the lease of a session that has nothing to do. If something was written since its rows were read up to the
 * number `readTo`, the lease counts as run out. False then, and if the lease was lost.
 */
export const giveBackIdle = (db: Kysely<CentralTables>, lease: HeldLease, readTo: number): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    // Who writes to the session locks these two rows first: they either come before this, or find the lease given back.
    const held = await transaction
      .updateTable("leases")
      .set({ token: lease.token })
      .where("name", "=", lease.sessionId)
      .where("token", "=", lease.token)
      .returning("is_unread")
      .executeTakeFirst();
    if (held === undefined) return false;
    const { seq } = await lockAsWriter(transaction, lease.sessionId);
    const isIdle = seq === readTo && held.is_unread === 0;
    await giveBackLease(transaction, lease.sessionId, lease.token, { hasWork: !isIdle });
    return isIdle;
  });

/**
 * Notes within a transaction, at its begin, that `owner` writes to a session: another host with the lease is asked to look,
 * and a lease that was given back counts as run out, so that a host takes it. Locks the lease, and on a server keeps the
 * session open until the commit. False if the session is closed or gone: nothing is noted.
 */
export const noteArrival = async (
  transaction: Kysely<CentralTables>,
  { sessionId, owner }: { readonly sessionId: string; readonly owner: string },
): Promise<boolean> => {
  const now = databaseTime(transaction);
  const found = sql`select id, id from sessions where id = ${sessionId} and status = 'active'`;
  // Keeps a lease of its own host as it is, but for its lock.
  const note = sql<{ name: string }>`
    with found(name, session_id) as (${found})
    update leases set
      expires_at = case when expires_at = ${givenBack} then ${now} else expires_at end,
      is_unread = case when owner = ${owner} then is_unread else 1 end
    where name in (select name from found)
    returning name`;
  let { rows } = await note.execute(transaction);
  if (rows.length === 0) {
    await addLease(transaction, found);
    ({ rows } = await note.execute(transaction));
  }
  if (rows.length === 0 || !isServer(transaction)) return rows.length > 0;
  const open = transaction.selectFrom("sessions").select("id").where("id", "=", sessionId);
  return (await open.where("status", "=", "active").forShare().executeTakeFirst()) !== undefined;
};

/**
 * Checks within a transaction that this is the newest token of the lease with this name. On a server the lease must also
 * not have expired, and its row is locked until the end of the transaction, so that no host can take the
 * lease before. A file has one host, which may have been stopped for long, so there an expired lease is
 * accepted until the next host takes it.
 */
export const withFence = async (
  transaction: Kysely<CentralTables>,
  name: string,
  token: number,
): Promise<Result<null, Fenced>> => {
  const newest = transaction
    .selectFrom("leases")
    .select("token")
    .where("name", "=", name)
    .where("token", "=", token);
  const held = isServer(transaction)
    ? newest.where("expires_at", ">", databaseTime(transaction)).forUpdate()
    : newest;
  const found = await held.executeTakeFirst();
  if (found !== undefined) return { ok: true, value: null };
  const message = `This host no longer holds ${name}: its lease ${token} expired, or another took it.`;
  return { ok: false, error: { code: "fenced", message } };
};

/** Writes under the lease of a session, or without one: within the caller's transaction, or in a new one. */
export const fencedWrite = <T>(
  db: Kysely<CentralTables>,
  held: HeldLease | undefined,
  write: (transaction: Kysely<CentralTables>) => Promise<T>,
): Promise<Result<T, Fenced>> => {
  const checked = async (transaction: Kysely<CentralTables>): Promise<Result<T, Fenced>> => {
    const fence = held === undefined ? null : await withFence(transaction, held.sessionId, held.token);
    return fence?.ok === false ? fence : { ok: true, value: await write(transaction) };
  };
  return db.isTransaction ? checked(db) : db.transaction().execute(checked);
};

/** Gives back the leases of hosts whose names begin with `prefix`, except one: their processes have ended. */
export const voidLeases = async (
  db: Kysely<CentralTables>,
  { except, prefix = "" }: { readonly except: string; readonly prefix?: string },
): Promise<void> => {
  await db
    .updateTable("leases")
    .set({ expires_at: givenBack })
    .where("owner", "!=", except)
    .where(sql<string>`substr(owner, 1, ${prefix.length})`, "=", prefix)
    .execute();
};

/**
 * The active sessions whose leases ran out and were not given back, such as those of a killed host; first those with a message
 * that waits.
 */
export const abandonedSessions = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("leases as lease")
    .innerJoin("sessions", "sessions.id", "lease.name")
    .select("sessions.id")
    .where("sessions.status", "=", "active")
    .where("expires_at", ">", givenBack)
    .where("expires_at", "<=", databaseTime(db))
    .orderBy(
      ({ exists, selectFrom }) =>
        exists(
          selectFrom("session_messages_in as message")
            .select("message.id")
            .whereRef("message.session_id", "=", "lease.name")
            .where("message.status", "=", sql.lit("pending" as const)),
        ),
      "desc",
    )
    .orderBy("lease.name")
    .execute();
  return rows.map(({ id }) => id);
};

/** On a server: the other hosts with leases, and whether no session of the server is left of each. */
export const otherHosts = async (
  db: Kysely<CentralTables>,
  owner: string,
): Promise<readonly { readonly name: string; readonly isAway: boolean }[]> => {
  if (!isServer(db)) return [];
  const owners = db
    .selectFrom("leases")
    .select("owner")
    .distinct()
    .where("owner", "!=", owner)
    .where("expires_at", ">", databaseTime(db));
  return db
    .selectFrom(owners.as("other"))
    .select(({ ref }) => ["owner as name", isHostAway(ref("owner")).as("isAway")])
    .execute();
};

/**
 * Ends the leases of a host that is away, unless it has come back. If its process runs after all, it is fenced, as a host is
 * that was stopped for longer than its leases.
 */
export const endLeasesOf = async (db: Kysely<CentralTables>, owner: string): Promise<void> => {
  await db
    .updateTable("leases")
    .set({ expires_at: databaseTime(db) })
    .where("owner", "=", owner)
    .where("expires_at", ">", databaseTime(db))
    .where(keptAway(sql.val(owner)))
    .execute();
};

/** Time for which a request for a session is valid, ms. A host that still wants it asks again before. */
const askedForMs = 5_000;

/** Why a host asks for a session: to end its container, or because its agent is connected to that host. */
export type WantedFor = "stop" | "connection";

/**
 * Asks the host that leases a session to give the lease back. Repeat it until the lease is taken. `owner` is the host
 * that asks: if it has leased the session meanwhile, it must not ask itself.
 */
export const wantSession = async (
  db: Kysely<CentralTables>,
  { sessionId, owner, purpose }: { sessionId: string; owner: string; purpose: WantedFor },
): Promise<void> => {
  await db
    .updateTable("leases")
    .set({ wanted_at: databaseTime(db), wanted_for: purpose })
    .where("name", "=", sessionId)
    .where("owner", "!=", owner)
    .execute();
};

/**
 * The sessions of this host that another host asks for, and those to which it has written (`messages`). The latter are returned
 * once for each time that somebody has written.
 */
export const wantedSessions = async (
  db: Kysely<CentralTables>,
  owner: string,
): Promise<readonly { readonly id: string; readonly purpose: WantedFor | "messages" }[]> => {
  const isWanted = sql<boolean>`coalesce(wanted_at > ${databaseTime(db, -askedForMs)}, false)`;
  const rows = await db
    .selectFrom("leases")
    .select(["name as id", "wanted_for", "is_unread", isWanted.as("is_wanted")])
    .where("owner", "=", owner)
    .where("expires_at", ">", databaseTime(db))
    .where((eb) => eb.or([isWanted, eb("is_unread", "=", 1)]))
    .execute();
  const unread = rows.filter(({ is_unread }) => is_unread === 1).map(({ id }) => id);
  if (unread.length > 0)
    await db
      .updateTable("leases")
      .set({ is_unread: 0 })
      .where("name", "in", unread)
      .where("owner", "=", owner)
      .execute();
  const wanted = rows.flatMap(({ id, wanted_for: purpose, is_wanted }) =>
    purpose !== null && Boolean(is_wanted) ? [{ id, purpose }] : [],
  );
  return [...unread.map((id) => ({ id, purpose: "messages" as const })), ...wanted];
};
