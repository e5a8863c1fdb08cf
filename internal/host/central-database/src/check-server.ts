import { lockHolders, openReading, type PostgresAddress } from "@gatehouse/postgres";
import { visible } from "@gatehouse/std";
import { sql } from "kysely";
import { explainServer } from "./server-messages.ts";
import { readSchema, type Schema } from "./migrate.ts";
import { serverTrouble } from "./open-server.ts";
import type { CentralTables } from "./tables.ts";

/** The state of a central database on a server, for `gatehouse doctor`. */
export type ServerCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** Time to wait for a server that is unreachable, or does not answer, ms. Short, since a person waits. */
const limits = { patienceMs: 2_000, answerMs: 5_000, needsWriter: true };

/** Checks a central database on a server. Reads only, also while a host works on the database. */
export const checkServer = async (address: PostgresAddress): Promise<ServerCheck> => {
  const database = address.shown;
  const reading = await openReading<CentralTables>(address, limits);
  try {
    const { rows } = await sql<{ version: string }>`
      select current_setting('server_version') as version`.execute(reading);
    const schema = await readSchema(reading);
    if (!schema.ok) return failed(explainServer({ ...schema.error, database }));
    const holders = await lockHolders(reading);
    const verb = holders.length > 1 ? "work" : "works";
    const who = holders.length === 0 ? "no host works on it" : `${visible(holders.join("; "))} ${verb} on it`;
    const found = `${database}: PostgreSQL ${rows[0]?.version}, ${described(schema.value)}; ${who}.`;
    return { ok: true, message: `${found}\n${backupCommand(address)}` };
  } catch (error) {
    return failed(explainServer({ database, ...serverTrouble(error) }));
  } finally {
    await reading.destroy();
  }
};

const failed = ({ message, fix }: ReturnType<typeof explainServer>): ServerCheck => ({
  ok: false,
  message,
  ...(fix === undefined ? {} : { fix }),
});

const described = ({ version }: Schema): string => (version === 0 ? "empty" : `schema version ${version}`);

/**
 * Gatehouse copies a SQLite file before a change of its schema. On a server this is left to the
 * administrator.
 */
const backupCommand = ({ shown }: PostgresAddress): string =>
  `Gatehouse makes no copies of it. Before every new version, and daily: (umask 077; pg_dump --format=custom --file=gatehouse.dump '${shown}')`;
