import { existsSync } from "node:fs";
import type { Failure } from "@gatehouse/cli-kit";
import { openReading } from "@gatehouse/postgres";
import { attempt, openSqlite } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import { explainOpen } from "./open-messages.ts";
import { schemaOf } from "./migrate.ts";
import { centralFile } from "./open-central.ts";
import type { CentralPlace } from "./open-central-at.ts";
import { serverTrouble } from "./open-server.ts";
import type { CentralTables } from "./tables.ts";

/** Why a central database cannot be read, for a person. */
export type ReadFailure = Failure;

/**
 * Reads a central database, also while a host works on it, without creating or migrating it. Null if there is
 * none yet.
 */
export const readCentral = async <T>(
  { dataDir, database }: CentralPlace,
  read: (db: Kysely<CentralTables>) => Promise<T>,
): Promise<Result<T | null, ReadFailure>> => {
  const readOurs = async (db: Kysely<CentralTables>): Promise<T | null> =>
    (await schemaOf(db)).kind === "ours" ? read(db) : null;
  if (database === null) return readFrom(centralFile(dataDir), readOurs);
  const db = await openReading<CentralTables>(database, { patienceMs });
  try {
    return { ok: true, value: await readOurs(db) };
  } catch (error) {
    return { ok: false, error: explainOpen({ database: database.shown, ...serverTrouble(error) }) };
  } finally {
    await db.destroy();
  }
};

/** Time to wait for a server that is unreachable, ms. Short, since a person waits. */
const patienceMs = 5_000;

const readFrom = async <T>(
  file: string,
  read: (db: Kysely<CentralTables>) => Promise<T>,
): Promise<Result<T | null, Failure>> => {
  if (!existsSync(file)) return { ok: true, value: null };
  const unusable = (detail: string) =>
    ({ ok: false, error: explainOpen({ code: "database-unusable", file, detail }) }) as const;
  const opened = await openSqlite<CentralTables>(file, { readOnly: true });
  if (!opened.ok)
    return unusable(
      opened.error.code === "not-a-database" ? "it is not a SQLite database" : opened.error.detail,
    );
  const done = await attempt(() => read(opened.value.db));
  await attempt(opened.value.close);
  return done.ok ? done : unusable(done.error);
};
