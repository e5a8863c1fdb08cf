import { sql, type Expression, type Kysely, type RawBuilder } from "kysely";
import type { ClientBase } from "pg";
import { trouble } from "./trouble.ts";

/** "gate" in ASCII: the first half of the key of the advisory lock. The second half is the schema. */
const lockClass = 0x67_61_74_65;

/** A session of the server. Numbers are reused, but not with the same start time in microseconds. */
type Session = { readonly pid: number; readonly since: string };

type Attempt = Session & { readonly schema: string | null; readonly taken: boolean | null };

/**
 * Acquires the lock of the schema for the lifetime of this session: shared with other hosts, or exclusive.
 * The session that holds the lock is the one that writes, so a program that was cut off cannot write until it
 * has the lock again. The server may keep our session after a cut, until its statement ends or the network
 * reports the cut; so the old session is terminated before the next one.
 */
export const lockTaker = (
  isShared: boolean,
  hostName: string | null,
): ((client: ClientBase) => Promise<void>) => {
  let last: Session | null = null;
  return async (client) => {
    if (isShared && last !== null) await client.query(endQuery, [last.pid, last.since]);
    // Shared, so that two hosts whose names have one hash are both there. It waits for a host that ends its leases.
    if (hostName !== null)
      await client.query(`select pg_advisory_lock_shared(${keyOfHost("$1")})`, [hostName]);
    const { rows } = await client.query<Attempt>(attemptQuery(isShared ? "_shared" : ""));
    const [found] = rows;
    if (found?.schema == null)
      throw trouble("POSTGRES_REFUSED", "the search_path names no schema that exists");
    if (found.taken === true) {
      last = found;
      return;
    }
    const holders = await client.query<Holder>(holderQuery);
    if (last !== null) await client.query(endQuery, [last.pid, last.since]);
    const [first = { name: null, since: null }] = holders.rows;
    throw trouble("POSTGRES_TAKEN", described(first));
  };
};

const attemptQuery = (how: "" | "_shared"): string => `
  select current_schema() as schema,
    pg_try_advisory_lock${how}(${lockClass}, hashtext(current_schema())) as taken,
    pid, backend_start::text as since
  from pg_stat_activity where pid = pg_backend_pid()`;

/** "tran" in ASCII: the first half of the key of the lock that transactions of hosts take. */
const transactionClass = 0x74_72_61_6e;

/**
 * Waits until no other host is in a transaction, so that transactions of hosts follow each other, like those
 * of one host.
 */
export const transactionLock: string = `select pg_advisory_xact_lock(${transactionClass}, hashtext(current_schema()))`;

/** "host" in ASCII: the first half of the key of the lock that each host holds for its own name. */
const hostClass = 0x68_6f_73_74;

const keyOfHost = (name: string): string => `${hostClass}, ${hashOfHost(name)}`;

const hashOfHost = (name: string): string => `hashtext(current_schema() || ' ' || ${name}::text)`;

/** `hashOfHost` of an expression. */
const hashOf = (name: Expression<string>): RawBuilder<number> => {
  const [before = "", after = ""] = hashOfHost("?").split("?");
  return sql<number>`${sql.raw(before)}${name}${sql.raw(after)}`;
};

/**
 * A condition of SQL: no session of the server holds the lock of the host with this name (an expression of SQL), so its
 * process has ended or has lost the server. Any number of hosts may look at once.
 */
export const isHostAway = (name: Expression<string>): RawBuilder<boolean> => sql<boolean>`not exists (
  select from pg_locks
  where locktype = 'advisory' and classid = ${sql.raw(String(hostClass))} and objid = ${hashOf(name)}::oid
    and database = (select oid from pg_database where datname = current_database())
    and mode = 'ShareLock' and granted)`;

/**
 * The same, for what is done about it: until the transaction ends, that host waits before it holds its lock again. False also
 * while another transaction does it.
 */
export const keptAway = (name: Expression<string>): RawBuilder<boolean> =>
  sql<boolean>`pg_try_advisory_xact_lock(${sql.raw(String(hostClass))}, ${hashOf(name)})`;

const endQuery =
  "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2";

/** The holder of a lock, as far as the server shows it to this role. */
type Holder = { readonly name: string | null; readonly since: string | null };

const holderQuery = `
  select application_name as name, to_char(backend_start at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
  from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and classid = ${lockClass} and objid = hashtext(current_schema())::oid
    and pg_locks.database = (select oid from pg_database where datname = current_database()) and granted
  order by backend_start`;

const described = ({ name, since }: Holder): string =>
  [name ?? "another program", ...(since === null ? [] : [`since ${since}`])].join(", ");

/** The programs that hold the lock, oldest first: `gatehouse pid 4711 on box, since ...`. */
export const lockHolders = async <T>(reading: Kysely<T>): Promise<readonly string[]> => {
  const { rows } = await sql.raw<Holder>(holderQuery).execute(reading);
  return rows.map(described);
};
