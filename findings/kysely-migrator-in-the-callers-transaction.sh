#!/usr/bin/env bash
# Tool: kysely 0.28.18 (npm), its Migrator with PostgresDialect, on @electric-sql/pglite 0.3.7 (PostgreSQL 17 in the process); Node 20.20.
# Usual guess: with `disableTransactions` a caller may run the migrations in its own transaction, and `migrateToLatest()` returns the
# error of the migration that failed, and which one it was, as it does in a transaction of its own.
# Seen: after the failure the Migrator releases its lock through the same connection. PostgreSQL refuses each statement of a transaction
# that has failed, and that refusal is what is returned: `error` is "current transaction is aborted", and `results` is undefined.
# Also seen with 0.29.9, whose Migrator comes from kysely/migration.
# What it means: who wraps the Migrator in a transaction (for a dry run that is rolled back) has to note the error inside each
# migration, or nobody learns which statement was wrong.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund kysely@0.28.18 @electric-sql/pglite@0.3.7
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { Kysely, Migrator, PostgresDialect, sql } from "kysely";
const server = new PGlite();
const client = {
  query: async (text, values) => {
    const { rows, affectedRows = 0 } = await server.query(text, [...values]);
    return { command: text.trim().split(/\s/, 1)[0].toUpperCase(), rowCount: affectedRows, rows };
  },
  release: () => {},
};
const pool = { connect: async () => client, end: async () => {} };
const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
const failing = { up: async (one) => void (await sql`select * from missing_table`.execute(one)) };
const provider = { getMigrations: async () => ({ "001-failing": failing }) };
const show = (what, { error, results }) =>
  console.log(`${what}: ${error.message}; ${results?.map((each) => each.migrationName) ?? "no results"}`);
show("its own transaction", await new Migrator({ db, provider }).migrateToLatest());
await sql`begin`.execute(db);
show("the caller's", await new Migrator({ db, provider, disableTransactions: true }).migrateToLatest());
await sql`rollback`.execute(db);
JS
node try.mjs | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
its own transaction: relation "missing_table" does not exist; 001-failing
the caller's: current transaction is aborted, commands ignored until end of transaction block; no results
SEEN
