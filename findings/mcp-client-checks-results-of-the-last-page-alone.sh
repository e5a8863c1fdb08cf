#!/usr/bin/env bash
# Tool: @modelcontextprotocol/sdk 1.32.2 (npm), beside @modelcontextprotocol/client 2.4.0; Node 20.20, Linux.
# Usual guess: once a client has listed a server's tools, `callTool` checks `structuredContent` by the `outputSchema` of the tool.
# Seen: 1.32.2 forgets all schemas with each `listTools`, also with the one that asks for the next page. Of a list of two pages only
# the tools of the second are checked, and a result that breaks its schema is refused or returned by the page its tool came on. A
# client that stops at the first page checks the first. 2.4.0 reads all pages with one `listTools`, and checks both.
# What it means: a result's type may not be relied on because the client is known to check it. Check it where it is used, or list
# page by page with a client of its own.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server@2.4.0
cat >try.mjs <<'JS'
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Transport1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server as Server1 } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Client as Client2, InMemoryTransport as Transport2 } from "@modelcontextprotocol/client";
import { Server as Server2 } from "@modelcontextprotocol/server";

const outputSchema = { type: "object", properties: { size: { type: "number" } }, required: ["size"] };
const page = (name) => ({ tools: [{ name, inputSchema: { type: "object" }, outputSchema }] });
const list = async ({ params }) => (params?.cursor === "2" ? page("two") : { ...page("one"), nextCursor: "2" });
const call = async () => ({ content: [], structuredContent: { size: "large" } });

const tryWith = async (version, Client, Server, Transport, listMethod, callMethod) => {
  const server = new Server({ name: "s", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(listMethod, list);
  server.setRequestHandler(callMethod, call);
  const client = new Client({ name: "c", version: "1" });
  const [one, other] = Transport.createLinkedPair();
  await Promise.all([server.connect(one), client.connect(other)]);
  const show = async (when) => {
    const ends = ["one", "two"].map((name) =>
      client.callTool({ name, arguments: {} }).then(
        () => `${name} returned`,
        ({ message }) => `${name} ${message.includes("does not match") ? "refused" : message}`,
      ),
    );
    console.log(`${version}, ${when}: ${(await Promise.all(ends)).join(", ")}`);
  };
  const { nextCursor: cursor, tools } = await client.listTools();
  await show(`the first listTools (${tools.length} tool(s))`);
  if (cursor === undefined) return;
  await client.listTools({ cursor });
  await show("and the second");
};

await tryWith("1.32.2", Client1, Server1, Transport1, ListToolsRequestSchema, CallToolRequestSchema);
await tryWith("2.4.0", Client2, Server2, Transport2, "tools/list", "tools/call");
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
1.32.2, the first listTools (1 tool(s)): one refused, two returned
1.32.2, and the second: one returned, two refused
2.4.0, the first listTools (2 tool(s)): one refused, two refused
SEEN
