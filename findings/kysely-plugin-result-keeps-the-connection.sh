#!/usr/bin/env bash
# Tool: kysely 0.28.18 (npm) with its SqliteDialect, on libsql 0.5.29; Node 20.20, Linux.
# Usual guess: a plugin's `transformResult` is given rows that are already there, so the connection is back in the pool while an
# asynchronous plugin works on them (decrypts fields, looks something up).
# Seen: the connection is held until the promise of `transformResult` has settled. On a database with one connection, such as
# SqliteDialect's, every other query of the process waits for it; one that the plugin itself asks for by the same database would
# wait for its own end.
# What it means: an asynchronous plugin is part of the query, and must not use the database it belongs to.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund kysely@0.28.18 libsql@0.5.29
cat >try.mjs <<'JS'
import { Kysely, SqliteDialect, sql } from "kysely";
import Database from "libsql";
const db = new Kysely({ dialect: new SqliteDialect({ database: new Database(":memory:") }) });
const slow = db.withPlugin({
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => {
    console.log(`the plugin has ${result.rows.length} row`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log("the plugin is done");
    return result;
  },
});
const one = sql`select 1 as a`;
await Promise.all([
  one.execute(slow).then(() => console.log("the first query is answered")),
  one.execute(db).then(() => console.log("the second query, without the plugin, is answered")),
]);
JS
node try.mjs | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
the plugin has 1 row
the plugin is done
the first query is answered
the second query, without the plugin, is answered
SEEN
