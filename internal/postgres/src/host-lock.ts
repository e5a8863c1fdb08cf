import { sql, type Kysely } from "kysely";
import type { ClientBase } from "pg";
import { trouble } from "./trouble.ts";

/** "gate" in ASCII: the first half of the key of the advisory lock. The second half is the schema. */
const lockClass = 0x67_61_74_65;

/** A session of the server: a number is given out again, but not at the same microsecond. */
type Session = { readonly pid: number; readonly since: string };

type Attempt = Session & { readonly schema: string | null; readonly taken: boolean | null };

/**
 * Takes the lock of the schema for this session, for as long as it lives. The session that holds it is the
 * one that writes, so a program that was cut off can write nothing until it has the lock again. The server
 * may keep a session of ours that was cut off, until its statement ends or the network says so: it is ended
 * for the next one.
 */
export const lockTaker = (): ((client: ClientBase) => Promise<void>) => {
  let last: Session | null = null;
  return async (client) => {
    const { rows } = await client.query<Attempt>(attemptQuery);
    const [found] = rows;
    if (found?.schema == null)
      throw trouble("POSTGRES_REFUSED", "the search_path names no schema that exists");
    if (found.taken === true) {
      last = found;
      return;
    }
    const holder = await client.query<Holder>(holderQuery);
    if (last !== null) await client.query(endQuery, [last.pid, last.since]);
    throw trouble("POSTGRES_TAKEN", described(holder.rows[0] ?? { name: null, since: null }));
  };
};

const attemptQuery = `
  select current_schema() as schema, pg_try_advisory_lock(${lockClass}, hashtext(current_schema())) as taken,
    pid, backend_start::text as since
  from pg_stat_activity where pid = pg_backend_pid()`;

const endQuery =
  "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2";

/** As far as the server tells this role. */
type Holder = { readonly name: string | null; readonly since: string | null };

const holderQuery = `
  select application_name as name, to_char(backend_start at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
  from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and classid = ${lockClass} and objid = hashtext(current_schema())::oid
    and pg_locks.database = (select oid from pg_database where datname = current_database()) and granted`;

const described = ({ name, since }: Holder): string =>
  [name ?? "another program", ...(since === null ? [] : [`since ${since}`])].join(", ");

/** The program that holds the lock: `gatehouse pid 4711 on box, since ...`. Null if none does. */
export const lockHolder = async <T>(reading: Kysely<T>): Promise<string | null> => {
  const { rows } = await sql.raw<Holder>(holderQuery).execute(reading);
  return rows[0] === undefined ? null : described(rows[0]);
};
