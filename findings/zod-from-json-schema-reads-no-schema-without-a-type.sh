#!/usr/bin/env bash
# Tool: zod 4.6.7 (npm), `z.fromJSONSchema` (which zod calls experimental), beside ajv 8.20.0; Node 20.20, Linux.
# Usual guess: the schema that it returns holds values to all of the JSON Schema, or it throws, as it does for `not` and `if`.
# Seen: a schema, or a part of one, without `type` becomes `any`: its `properties` and `required` are dropped, and nothing is said. So
# `anyOf: [{ required: ["id"] }, { required: ["name"] }]`, the usual form of "one of the two keys", accepts an object with neither.
# With `oneOf` it refuses every object, also one with exactly one key, since both parts match. With a `type`, `required` still drops
# each key that `properties` does not name, and a `$ref` drops what stands beside it. ajv is right in all of these.
# What it means: a schema of another program (a tool of MCP, an OpenAPI file) is looser in zod than in its other clients, and a tool
# with such a `oneOf` can never be called. Give each part a `type` and all its `properties`, or check with a JSON Schema validator.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0
cat >try.mjs <<'JS'
import { Ajv2020 } from "ajv/dist/2020.js";
import * as z from "zod";

const [id, name] = ["id", "name"].map((key) => ({ required: [key] }));
const properties = { id: { type: "string" }, name: { type: "string" } };
const typed = ({ required }) => ({ type: "object", properties, required });
const rows = [
  ["no type", { properties, required: ["id"] }, { id: 1 }, {}],
  ["anyOf", { type: "object", properties, anyOf: [id, name] }, { id: "a" }, {}],
  ["oneOf", { type: "object", properties, oneOf: [id, name] }, { id: "a" }, { id: "a", name: "b" }],
  ["oneOf with types", { oneOf: [id, name].map(typed) }, { id: "a" }, { id: "a", name: "b" }],
  ["a key without a property", { type: "object", properties, required: ["id", "size"] }, { id: "a", size: 1 }, { id: "a" }],
  ["beside a $ref", { $defs: { text: { type: "string" } }, $ref: "#/$defs/text", minLength: 2 }, "ab", "a"],
  ["not", { type: "object", not: id }, {}, { id: "a" }],
];
const said = (accepts, values) => values.map((value) => `${JSON.stringify(value)} ${accepts(value) ? "accepted" : "refused"}`).join(", ");
const converted = (schema) => {
  const one = z.fromJSONSchema(schema);
  return (value) => one.safeParse(value).success;
};
for (const [what, schema, ...values] of rows) {
  console.log(`${what}, ajv: ${said(new Ajv2020({ strict: false }).compile(schema), values)}`);
  try {
    console.log(`${what}, zod: ${said(converted(schema), values)}`);
  } catch {
    console.log(`${what}, zod: throws`);
  }
}
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
no type, ajv: {"id":1} refused, {} refused
no type, zod: {"id":1} accepted, {} accepted
anyOf, ajv: {"id":"a"} accepted, {} refused
anyOf, zod: {"id":"a"} accepted, {} accepted
oneOf, ajv: {"id":"a"} accepted, {"id":"a","name":"b"} refused
oneOf, zod: {"id":"a"} refused, {"id":"a","name":"b"} refused
oneOf with types, ajv: {"id":"a"} accepted, {"id":"a","name":"b"} refused
oneOf with types, zod: {"id":"a"} accepted, {"id":"a","name":"b"} refused
a key without a property, ajv: {"id":"a","size":1} accepted, {"id":"a"} refused
a key without a property, zod: {"id":"a","size":1} accepted, {"id":"a"} accepted
beside a $ref, ajv: "ab" accepted, "a" refused
beside a $ref, zod: "ab" accepted, "a" accepted
not, ajv: {} accepted, {"id":"a"} refused
not, zod: throws
SEEN
