#!/usr/bin/env bash
# Tool: zod 4.6.7 (npm); Node 20.20, Linux.
# Usual guess: the message that a schema gives is the message of its issue, wherever the schema is used; so a form or a command that
# prints `path: message` of each issue says what is wrong with a key of a record as well.
# Seen: the message of a record's key schema is only in `issue.issues`. The issue itself says "Invalid key in record".
# `treeifyError` finds the inner one; `flattenError` and `prettifyError` do not. An `error` of the record itself is asked with the
# code `invalid_key`, and its answer is the message.
# What it means: give a record of checked keys its own `error`, or walk `issue.issues`.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7
cat >try.mjs <<'JS'
import { z } from "zod";

const name = z.string().regex(/^[a-z]+$/, "is no name");
const said = (schema, value) => schema.safeParse(value).error;
const plain = said(z.object({ name }), { name: "A B" });
console.log(`a value: ${plain.issues.map(({ message }) => message)}`);
const inside = said(z.record(name, z.string()), { "A B": "x" });
console.log(`a key: ${inside.issues.map(({ code, message }) => `${code}, ${message}`)}`);
console.log(`inside: ${inside.issues.flatMap(({ issues }) => issues.map(({ message }) => message))}`);
for (const format of ["flattenError", "treeifyError", "prettifyError"])
  console.log(`${format}: ${JSON.stringify(z[format](inside)).includes("is no name") ? "has it" : "has it not"}`);
const asked = z.record(name, z.string(), { error: ({ code }) => (code === "invalid_key" ? "is no name" : undefined) });
console.log(`with an error of the record: ${said(asked, { "A B": "x" }).issues.map(({ message }) => message)}`);
JS
node try.mjs | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
a value: is no name
a key: invalid_key, Invalid key in record
inside: is no name
flattenError: has it not
treeifyError: has it
prettifyError: has it not
with an error of the record: is no name
SEEN
