import { PostgresAdapter, sql, type Kysely, type RawBuilder } from "kysely";
import type { CentralTables } from "./tables.ts";

/** Whether the central database is on a server, where several hosts may work on it. */
export const isServer = (db: Kysely<CentralTables>): boolean =>
  db.getExecutor().adapter instanceof PostgresAdapter;

/**
 * The database's own time plus `laterMs`: ISO 8601 in UTC with milliseconds. Hosts on two machines have two
 * clocks, so leases are compared with this clock only. On a server the clock also advances within a
 * transaction.
 */
export const databaseTime = (db: Kysely<CentralTables>, laterMs = 0): RawBuilder<string> =>
  isServer(db)
    ? sql<string>`to_char(
        (clock_timestamp() + cast(${laterMs} as double precision) * interval '1 millisecond') at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    : sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ${`${(laterMs / 1000).toFixed(3)} seconds`})`;
