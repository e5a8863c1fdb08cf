#!/usr/bin/env bash
# Tool: GitHub Copilot CLI 1.0.102 (npm @github/copilot) with a model provider of one's own (COPILOT_PROVIDER_*), offline.
# Usual guess, and its help: COPILOT_PROVIDER_WIRE_MODEL is the name that is sent to the provider, whatever else is set. It falls
# back to COPILOT_MODEL only where it is not set.
# Seen: with each of the other two names alone the wire model is sent. With COPILOT_MODEL and COPILOT_PROVIDER_MODEL_ID both set, the
# requests have COPILOT_MODEL, and the wire model is in none of them.
# What it means: a COPILOT_MODEL that is left in an environment takes a deployment's name away, and the provider answers that it
# knows no such model. A program that starts Copilot with the other two must clear it.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @github/copilot@1.0.102
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** A model of Anthropic's API that says "ok", and notes which name it was asked by. */
const names = new Set();
const server = createServer(async (request, response) => {
  const { model, stream } = JSON.parse((await text(request)) || "{}");
  if (model !== undefined) names.add(model);
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "m", type: "message", role: "assistant", model, content: [], stop_reason: null, usage };
  const events = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ok" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  if (stream !== true) return response.end(JSON.stringify({ ...message, content: [{ type: "text", text: "ok" }], stop_reason: "end_turn" }));
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const askedBy = async (models) => {
  names.clear();
  mkdirSync("home/work", { recursive: true });
  const home = `${process.cwd()}/home`;
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    COPILOT_HOME: `${home}/copilot`,
    COPILOT_OFFLINE: "true",
    COPILOT_AUTO_UPDATE: "false",
    COPILOT_PROVIDER_TYPE: "anthropic",
    COPILOT_PROVIDER_BASE_URL: `http://127.0.0.1:${server.address().port}`,
    COPILOT_PROVIDER_API_KEY: "k",
    ...models,
  };
  const copilot = spawn("node_modules/.bin/copilot", ["-p", "hello"], { cwd: process.cwd(), env, stdio: "ignore" });
  const [code] = await once(copilot, "exit");
  console.log(`${Object.keys(models).join(", ")}: asked by ${[...names].join(", ")}; exit code ${code}`);
};

const [known, wire, named] = ["claude-sonnet-4.6", "the-wire-model", "the-copilot-model"];
await askedBy({ COPILOT_PROVIDER_MODEL_ID: known, COPILOT_PROVIDER_WIRE_MODEL: wire });
await askedBy({ COPILOT_MODEL: named, COPILOT_PROVIDER_WIRE_MODEL: wire });
await askedBy({ COPILOT_MODEL: named, COPILOT_PROVIDER_MODEL_ID: known, COPILOT_PROVIDER_WIRE_MODEL: wire });
process.exit();
JS
timeout 200 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
COPILOT_PROVIDER_MODEL_ID, COPILOT_PROVIDER_WIRE_MODEL: asked by the-wire-model; exit code 0
COPILOT_MODEL, COPILOT_PROVIDER_WIRE_MODEL: asked by the-wire-model; exit code 0
COPILOT_MODEL, COPILOT_PROVIDER_MODEL_ID, COPILOT_PROVIDER_WIRE_MODEL: asked by the-copilot-model; exit code 0
SEEN
