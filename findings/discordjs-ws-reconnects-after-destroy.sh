#!/usr/bin/env bash
# Tool: @discordjs/ws 2.0.4 (npm), the client of Discord's gateway; ws 8.21.0 as the server here; Node 20.20, Linux.
# Usual guess: after `await manager.destroy()` the bot is off: no socket is open, and none is opened.
# Seen: if a socket broke off up to 500 ms before, destroy() resolves at once and the manager knows no shard any more. The pause
# before the reconnect still runs out. Then a new socket opens and resumes the session, and nothing of the manager's API reaches it:
# fetchStatus() is empty, and a second destroy() ends nothing. It lives until its process ends.
# What it means: a program that ends a bot and lets another process take it over must first wait until the shard is ready, or keep
# the WebSocketShard itself and close what it opens.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @discordjs/ws@2.0.4 ws@8.21.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocketManager } from "@discordjs/ws";
import { WebSocketServer } from "ws";

const server = createServer();
const gateway = new WebSocketServer({ server });
const seen = { sockets: 0, identified: 0, resumed: 0 };
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `ws://127.0.0.1:${server.address().port}`;
gateway.on("connection", (socket) => {
  seen.sockets += 1;
  const send = (frame) => socket.send(JSON.stringify(frame));
  send({ op: 10, d: { heartbeat_interval: 45_000 } });
  socket.on("message", (text) => {
    const { op } = JSON.parse(String(text));
    if (op === 2) {
      seen.identified += 1;
      send({ op: 0, t: "READY", s: 1, d: { session_id: "s", resume_gateway_url: url, guilds: [], user: {} } });
    }
    if (op === 6) {
      seen.resumed += 1;
      send({ op: 0, t: "RESUMED", s: 2, d: {} });
    }
  });
});

const limit = { total: 1000, remaining: 999, reset_after: 1, max_concurrency: 1 };
const sessions = new Map();
const manager = new WebSocketManager({
  token: "t",
  intents: 0,
  rest: { get: async () => ({ url, shards: 1, session_start_limit: limit }) },
  retrieveSessionInfo: (shard) => sessions.get(shard) ?? null,
  updateSessionInfo: (shard, info) => void sessions.set(shard, info),
});
manager.on("error", () => {});
const open = () => [...gateway.clients].filter(({ readyState }) => readyState === 1).length;
const show = async (when) =>
  console.log(`${when}: ${JSON.stringify(seen)}, open ${open()}, shards known ${(await manager.fetchStatus()).size}`);

await manager.connect();
await show("connected");
for (const socket of gateway.clients) socket.terminate();
await pause(100);
await manager.destroy();
await show("destroyed");
await pause(2_000);
await show("2 s later");
await manager.destroy();
await show("destroyed again");
process.exit();
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
connected: {"sockets":1,"identified":1,"resumed":0}, open 1, shards known 1
destroyed: {"sockets":1,"identified":1,"resumed":0}, open 0, shards known 0
2 s later: {"sockets":2,"identified":1,"resumed":1}, open 1, shards known 0
destroyed again: {"sockets":2,"identified":1,"resumed":1}, open 1, shards known 0
SEEN
