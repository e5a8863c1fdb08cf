import type { Failure } from "@gatehouse/cli-kit";
import { openReading, type PostgresAddress } from "@gatehouse/postgres";
import { attempt, isTrouble } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import { explainOpen } from "./open-messages.ts";
import { ranMigrations, readSchema, type SchemaError } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { centralFile, type ChangedByHand, isThere, openFile, type OpenError } from "./open-central.ts";
import type { CentralPlace } from "./open-central-at.ts";
import { serverTrouble } from "./open-server.ts";
import type { CentralTables } from "./tables.ts";
import { changedTables } from "./upgrade/changed-by-hand.ts";

/** Why a central database cannot be read, for a person. */
export type ReadFailure = Failure;

/**
 * Reads a central database, also while a host works on it, without creating or migrating it. Null if there is
 * none yet. Refuses the database of another build.
 */
export const readCentral = <T>(
  { dataDir, database }: CentralPlace,
  read: Read<T>,
): Promise<Result<T | null, ReadFailure>> =>
  database === null ? readFile(centralFile(dataDir), read) : readServer(database, read);

/** Time to wait for a server that is unreachable, ms. Short, since a person waits. */
const patienceMs = 5_000;

const readServer = async <T>(address: PostgresAddress, read: Read<T>): Promise<Result<T | null, Failure>> => {
  const database = address.shown;
  const db = await openReading<CentralTables>(address, { patienceMs });
  try {
    const done = await readOurs(db, read);
    return done.ok ? done : { ok: false, error: explainOpen({ ...done.error, database }) };
  } catch (error) {
    return { ok: false, error: explainOpen({ database, ...serverTrouble(error) }) };
  } finally {
    await db.destroy();
  }
};

const readFile = async <T>(file: string, read: Read<T>): Promise<Result<T | null, Failure>> => {
  if (!isThere(file)) return { ok: true, value: null };
  const failed = (error: OpenError) => ({ ok: false, error: explainOpen(error) }) as const;
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) return failed(opened.error);
  const done = await attempt(() => readOurs(opened.value.db, read));
  await attempt(opened.value.close);
  if (!done.ok) return failed({ code: "database-unusable", file, detail: done.error });
  return done.value.ok ? done.value : failed({ ...done.value.error, file });
};

/** Says which tables, columns and indexes a database lacks, for `gatehouse doctor`. Null if it lacks none, or cannot be read. */
export const checkShape = async (place: CentralPlace): Promise<Failure | null> => {
  const { dataDir, database } = place;
  const read = await readCentral(place, async (db) =>
    changedTables(db, await ranMigrations(db, migrations), "missing"),
  );
  const problems = read.ok ? (read.value ?? []) : [];
  if (problems.length === 0) return null;
  const error = { code: "changed-by-hand", problems } as const;
  return explainOpen(
    database === null ? { ...error, file: centralFile(dataDir) } : { ...error, database: database.shown },
  );
};

type Read<T> = (db: Kysely<CentralTables>) => Promise<T>;

/** Null in an empty database, and in one of another program. */
const readOurs = async <T>(
  db: Kysely<CentralTables>,
  read: Read<T>,
): Promise<Result<T | null, SchemaError | ChangedByHand>> => {
  const schema = await readSchema(db);
  if (!schema.ok && schema.error.code !== "not-a-central-database") return schema;
  if (!schema.ok || schema.value.version === 0) return { ok: true, value: null };
  try {
    return { ok: true, value: await read(db) };
  } catch (error) {
    // No bug, if it lacks a table that the query names.
    const problems = isTrouble(error) ? [] : await changedTables(db, await ranMigrations(db, migrations));
    if (problems.length === 0) throw error;
    return { ok: false, error: { code: "changed-by-hand", problems } };
  }
};
