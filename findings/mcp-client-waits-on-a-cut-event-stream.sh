#!/usr/bin/env bash
# Tool: @modelcontextprotocol/sdk 1.32.2 and @modelcontextprotocol/client 2.4.0 (npm), Streamable HTTP; Node 20.20, Linux.
# Usual guess: if the server, or a proxy before it, ends the answer to a call before the result was sent, the call rejects at once.
# Seen: that is so for an answer of application/json. If the answer is an event stream, the call stays open until its own time limit
# (60 s unless told otherwise), and rejects as one that took too long. A stream that was cut is named to `onerror`, without a word
# on which call it was of; one that was ended in order (by a proxy's own limit) is named nowhere. `onclose` is not called.
# What it means: a client that gives a tool hours, because a person has to answer, waits hours for an answer that can no more come,
# and then calls it slow. A long call needs a sign of life besides its time limit.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from "@modelcontextprotocol/client";

/** How the answer to a call goes: its type, and how it ends before the result. */
let way = { type: "", end: "" };
const server = createServer(async (request, response) => {
  if (request.method !== "POST") return response.writeHead(405).end();
  const { id, method, params } = JSON.parse(await text(request));
  if (id === undefined) return response.writeHead(202).end();
  if (method === "initialize") {
    const result = { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } };
    return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }
  response.writeHead(200, { "content-type": way.type }).write(way.type === "text/event-stream" ? ": working\n\n" : " ");
  setTimeout(() => response[way.end](), 50);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = new URL(`http://127.0.0.1:${server.address().port}/`);

const limitMs = 3_000;
const tryWith = async (version, client, transport, callTool) => {
  const told = [];
  client.onerror = ({ message }) => void told.push(message);
  client.onclose = () => void told.push("closed");
  await client.connect(transport);
  for (const type of ["application/json", "text/event-stream"])
    for (const end of ["end", "destroy"]) {
      way = { type, end };
      told.length = 0;
      const begun = Date.now();
      await callTool({ name: "x", arguments: {} }).catch(() => {});
      const when = Date.now() - begun < limitMs / 2 ? "at once" : "at its time limit";
      console.log(`${version} ${type} ${end}: rejected ${when}; told: ${told.join() || "nothing"}`);
    }
};
const one = new Client1({ name: "c", version: "1" });
await tryWith("1.32.2", one, new Transport1(url), (call) => one.callTool(call, undefined, { timeout: limitMs }));
const two = new Client2({ name: "c", version: "1" });
await tryWith("2.4.0", two, new Transport2(url), (call) => two.callTool(call, { timeout: limitMs }));
process.exit();
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
1.32.2 application/json end: rejected at once; told: Unexpected end of JSON input
1.32.2 application/json destroy: rejected at once; told: terminated
1.32.2 text/event-stream end: rejected at its time limit; told: nothing
1.32.2 text/event-stream destroy: rejected at its time limit; told: SSE stream disconnected: TypeError: terminated
2.4.0 application/json end: rejected at once; told: Unexpected end of JSON input
2.4.0 application/json destroy: rejected at once; told: terminated
2.4.0 text/event-stream end: rejected at its time limit; told: nothing
2.4.0 text/event-stream destroy: rejected at its time limit; told: SSE stream disconnected: TypeError: terminated
SEEN
