#!/usr/bin/env bash
# Tool: https-proxy-agent 9.1.0 (npm) with node:https of Node 20.20.2.
# Usual guess: if a proxy refuses a tunnel (403, 407, 502), the request for https://HOST emits an error.
# Seen: the request emits `response`, with the proxy's status, headers and text, as if HOST itself had answered over TLS. Its
# socket never emits `secureConnect`. The only sign is the request's event `proxyConnect`, which has the proxy's status.
# What it means: a client that reads "403" from an API takes its key for refused, while a proxy has refused it. Listen to
# `proxyConnect`, and end the request if its status is not 200.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund https-proxy-agent@9.1.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { get } from "node:https";
import { HttpsProxyAgent } from "https-proxy-agent";
const proxy = createServer();
proxy.on("connect", (request, socket) =>
  socket.end("HTTP/1.1 403 Forbidden\r\nx-from: the proxy\r\ncontent-length: 5\r\n\r\nno!\r\n"),
);
proxy.listen(0, "127.0.0.1", () => {
  const agent = new HttpsProxyAgent(`http://127.0.0.1:${proxy.address().port}`);
  get("https://api.example/v1", { agent })
    .on("proxyConnect", ({ statusCode }) => console.log("proxyConnect", statusCode))
    .on("socket", (socket) => socket.on("secureConnect", () => console.log("secureConnect")))
    .on("error", ({ message }) => console.log("error", message))
    .on("response", (response) => {
      console.log("response", response.statusCode, response.headers["x-from"]);
      response.resume().on("close", () => proxy.close());
    });
});
JS
node try.mjs | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
proxyConnect 403
response 403 the proxy
SEEN
