#!/usr/bin/env bash
# Tool: libsql 0.5.29 (npm), the interface of better-sqlite3; Node 20.20, Linux.
# Usual guess: `get(...)` of a prepared statement binds its arguments and runs anew, whatever the statement was called with before,
# as with better-sqlite3.
# Seen: after an `all(...)` of the same statement, the next `get(...)` answers with the first row of that `all`: of its arguments,
# not of its own. After an `all` that found nothing, it finds nothing either. The `get` after that one is right.
# What it means: a cache of statements by their text may mix `get` and `all` of one text, as when `limit ?` is 1 for one caller and
# 100 for another. Keep a statement for each of the two methods.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund libsql@0.5.29
cat >try.cjs <<'JS'
const Database = require("libsql");
const database = new Database(":memory:");
database.exec("create table t (a, b); insert into t values (1, 'one'), (1, 'uno'), (2, 'two'), (2, 'due')");
const statement = database.prepare("select b from t where a = ? order by b desc");
const get = (a) => statement.get(a)?.b;
console.log(`get(2) ${get(2)}, get(1) ${get(1)}`);
console.log(`all(1) ${statement.all(1).map(({ b }) => b)}, get(2) ${get(2)}, get(2) ${get(2)}`);
console.log(`all(3) ${statement.all(3).length} rows, get(2) ${get(2)}, get(2) ${get(2)}`);
database.close();
JS
node try.cjs | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
get(2) two, get(1) uno
all(1) uno,one, get(2) uno, get(2) two
all(3) 0 rows, get(2) undefined, get(2) two
SEEN
