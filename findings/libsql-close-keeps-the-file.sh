#!/usr/bin/env bash
# Tool: libsql 0.5.29 (npm), the interface of better-sqlite3; Node 20.20, Linux.
# Usual guess: after `database.close()` the file is closed, as better-sqlite3 closes it together with its statements.
# Seen: while a prepared statement of that database is reachable, the file, its write-ahead log and its index stay open. The
# statement still answers after the close, and another connection of the process gets SQLITE_BUSY for what needs the file alone
# (`pragma journal_mode = delete`). All is closed once the garbage collector has taken the statement.
# What it means: whoever opens a file for a moment (to look at its schema) blocks the next connection for an unknown time.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund libsql@0.5.29
cat >try.cjs <<'JS'
const { readdirSync, readlinkSync } = require("node:fs");
const Database = require("libsql");
const file = `${process.cwd()}/a.db`;
const open = () =>
  readdirSync("/proc/self/fd").filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(file);
    } catch {
      return false;
    }
  }).length;
const made = new Database(file);
made.exec("pragma journal_mode = wal; create table t (a); insert into t values (1)");
made.close();
console.log(`closed without a statement: ${open()} files open`);
let reader = new Database(file);
let statement = reader.prepare("select a from t");
statement.get();
reader.close();
console.log(`closed beside a statement: ${open()} files open, and it answers ${statement.get().a}`);
const writer = new Database(file);
try {
  writer.prepare("pragma journal_mode = delete").all();
  console.log("journal_mode = delete: done");
} catch (error) {
  console.log(`journal_mode = delete: ${error.code}`);
}
writer.close();
[reader, statement] = [null, null];
global.gc();
setTimeout(() => {
  global.gc();
  console.log(`statement collected: ${open()} files open`);
}, 50);
JS
node --expose-gc try.cjs | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
closed without a statement: 0 files open
closed beside a statement: 3 files open, and it answers 1
journal_mode = delete: SQLITE_BUSY
statement collected: 0 files open
SEEN
