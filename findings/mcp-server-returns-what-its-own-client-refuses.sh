#!/usr/bin/env bash
# Tool: @modelcontextprotocol/sdk 1.32.2, and its successors server and client 2.4.0, with schemas of zod 4.6.7 (npm); Node 20.20.
# Usual guess: `McpServer` checks a result by the tool's `outputSchema` before it is sent, so a result that passed is one that the
# listed schema allows, and a client of the same package accepts it.
# Seen: the server parses `structuredContent` with zod, and sends what the tool returned, not what the parse gave. The schema that it
# lists describes the latter: a key that zod would have cut off is forbidden, one that a default would have filled is required, and a
# string that `coerce` would have made a number is no number. All three pass the server, and its own client refuses them, in both.
# A client that calls before it listed the tools has no schema, and returns them as they are.
# What it means: a call fails by the order of the client's calls, after the tool did its work, and a test of the server alone is
# green. Return the parsed value (`schema.parse(value)`) from the tool, and list the tools in its tests.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0 zod@4.6.7
cat >try.mjs <<'JS'
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Transport1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as Server1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { Client as Client2, InMemoryTransport as Transport2 } from "@modelcontextprotocol/client";
import { McpServer as Server2 } from "@modelcontextprotocol/server";
import * as z from "zod";

const rows = [
  ["another key", z.object({ size: z.number() }), { size: 1, path: "a" }],
  ["a default", z.object({ size: z.number().default(1) }), {}],
  ["a coerced number", z.object({ size: z.coerce.number() }), { size: "1" }],
  ["a wrong type", z.object({ size: z.number() }), { size: "1" }],
];
const end = ({ isError, structuredContent }) => (isError ? "refused by the server" : `returned ${JSON.stringify(structuredContent)}`);
const tryWith = async (version, Client, Server, Transport) => {
  for (const [what, outputSchema, structuredContent] of rows) {
    const server = new Server({ name: "s", version: "1" });
    server.registerTool("measure", { outputSchema }, async () => ({ content: [], structuredContent }));
    const client = new Client({ name: "c", version: "1" });
    const [one, other] = Transport.createLinkedPair();
    await Promise.all([server.connect(one), client.connect(other)]);
    const call = () =>
      client.callTool({ name: "measure", arguments: {} }).then(end, ({ message }) => `refused by the client: ${message.split("schema: ")[1]}`);
    console.log(`${version}, ${what}: ${await call()}`);
    await client.listTools();
    console.log(`${version}, ${what}, tools listed: ${await call()}`);
    await client.close();
  }
};
await tryWith("1.32.2", Client1, Server1, Transport1);
await tryWith("2.4.0", Client2, Server2, Transport2);
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
1.32.2, another key: returned {"size":1,"path":"a"}
1.32.2, another key, tools listed: refused by the client: data must NOT have additional properties
1.32.2, a default: returned {}
1.32.2, a default, tools listed: refused by the client: data must have required property 'size'
1.32.2, a coerced number: returned {"size":"1"}
1.32.2, a coerced number, tools listed: refused by the client: data/size must be number
1.32.2, a wrong type: refused by the server
1.32.2, a wrong type, tools listed: refused by the server
2.4.0, another key: returned {"size":1,"path":"a"}
2.4.0, another key, tools listed: refused by the client: data must NOT have additional properties
2.4.0, a default: returned {}
2.4.0, a default, tools listed: refused by the client: data must have required property 'size'
2.4.0, a coerced number: returned {"size":"1"}
2.4.0, a coerced number, tools listed: refused by the client: data/size must be number
2.4.0, a wrong type: refused by the server
2.4.0, a wrong type, tools listed: refused by the server
SEEN
