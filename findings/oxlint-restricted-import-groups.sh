#!/usr/bin/env bash
# Tool: oxlint 1.94.0 beside ESLint 10.15.0, rule `no-restricted-imports` with a pattern `group`.
# Usual guess: oxlint takes the options of ESLint's rule, so `group: ["../../*"]` refuses each import two folders up, however deep.
# Seen: ESLint reads a group as gitignore does, where a matched folder covers what is below it: it refuses ../../a.js and
# ../../host/src/main.js. oxlint compares the whole path, in which `*` has no slash: it refuses the first alone. Nothing is said.
# What it means: a wall between packages that is moved from ESLint to oxlint lets through all deep imports, and lint is green. A
# `regex` in place of the group refuses both in both.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund oxlint@1.94.0 eslint@10.15.0
mkdir -p host/src ncl/src
touch a.js host/src/main.js
printf 'import "../../a.js";\nimport "../../host/src/main.js";\n' >ncl/src/main.js
refused() { grep -o 'main.js:[0-9]*\|^ *[0-9]*:[0-9]' | tr -d ' ' | sed 's/main.js:\([0-9]*\)/\1/; s/:.*//' | sort -u | tr '\n' ' '; }
for patterns in '{"group":["../../*"]}' '{"regex":"^(\\.\\./){2}"}'; do
  rule="[\"error\",{\"patterns\":[$patterns]}]"
  printf 'export default [{ rules: { "no-restricted-imports": %s } }];\n' "$rule" >eslint.config.mjs
  printf '{ "categories": { "correctness": "off" }, "rules": { "no-restricted-imports": %s } }\n' "$rule" >.oxlintrc.json
  echo "eslint ${patterns:2:5}: lines $(npx --no-install eslint ncl/src/main.js 2>&1 | refused)"
  echo "oxlint ${patterns:2:5}: lines $(npx --no-install oxlint --format=unix ncl/src/main.js 2>&1 | refused)"
done | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
eslint group: lines 1 2 
oxlint group: lines 1 
eslint regex: lines 1 2 
oxlint regex: lines 1 2 
SEEN
