#!/usr/bin/env bash
# Tool: grammy 1.46.0 (npm), a bot for Telegram by long polling; Node 20.20, Linux.
# Usual guess: after `bot.stop()` each update of the batch at hand is either handled and confirmed, or left for the next start.
# Seen: both. Of a batch of four, stop() is called while the second is handled. It confirms up to that one, which has not ended yet,
# and resolves. The loop over the batch goes on: the third and the fourth are handled after that, and never confirmed. The next
# bot is given both again. `await bot.start()` resolves when the batch is done, later than `await bot.stop()`.
# What it means: a bot that stops while messages come in (a deploy) answers some of them twice. Wait for the promise of start(), and
# keep the ids of handled updates, or hold handlers back once stop() was called.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund grammy@1.46.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { Bot } from "grammy";

/** Telegram's rule: an update is given until a `getUpdates` asks for one after it. */
const chat = { id: 1, type: "private", first_name: "a" };
let updates = [1, 2, 3, 4].map((id) => ({ update_id: id, message: { message_id: id, date: 1, chat, text: String(id) } }));
const server = createServer(async (request, response) => {
  const { offset = 0, limit = 100 } = JSON.parse((await text(request)) || "{}");
  const say = (result) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true, result }));
  if (request.url.endsWith("/getMe")) return say({ id: 9, is_bot: true, first_name: "b", username: "b" });
  if (!request.url.endsWith("/getUpdates")) return say(true);
  updates = updates.filter(({ update_id }) => update_id >= offset);
  if (updates.length === 0) await pause(100);
  say(updates.slice(0, limit));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const apiRoot = `http://127.0.0.1:${server.address().port}`;

const run = async (name, last) => {
  const bot = new Bot("9:b", { client: { apiRoot } });
  const stop = () => bot.stop().then(() => console.log(`${name}: stop() resolved, left: ${updates.map(({ update_id }) => update_id).join() || "none"}`));
  bot.on("message", async ({ message }) => {
    console.log(`${name}: handles ${message.text}`);
    if (message.text === last) void stop();
    await pause(300);
  });
  await bot.start();
  console.log(`${name}: start() resolved`);
};
await run("first bot", "2");
await run("second bot", "4");
process.exit();
JS
timeout 60 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
first bot: handles 1
first bot: handles 2
first bot: stop() resolved, left: 3,4
first bot: handles 3
first bot: handles 4
first bot: start() resolved
second bot: handles 3
second bot: handles 4
second bot: stop() resolved, left: none
second bot: start() resolved
SEEN
