#!/usr/bin/env bash
# Tool: Qwen Code 0.24.4 (npm @qwen-code/qwen-code) as an agent of the Agent Client Protocol, with a model of Anthropic's API.
# Usual guess: an agent that says `promptCapabilities.image: true` sends a picture of a prompt to its model, whatever its name is.
# Seen: it says so in each session, and looks at the model's name for each request. For a name that it does not know the picture
# is left out; no error comes, and the turn ends as usual. For `claude-sonnet-4-5` the same prompt has the picture.
# `model.generationConfig.modalities` in its settings brings it back for any name.
# What it means: behind a gateway with model names of its own, pictures never arrive, and nothing in the protocol tells it.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @qwen-code/qwen-code@0.24.4
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** A model that says "ok". `hasPicture`: one of the requests since the last agent had one. */
let hasPicture = false;
const server = createServer(async (request, response) => {
  const body = JSON.parse((await text(request)) || "{}");
  const parts = (body.messages ?? []).flatMap(({ content }) => (Array.isArray(content) ? content : []));
  hasPicture ||= parts.some(({ type }) => type === "image");
  const message = { id: "m", type: "message", role: "assistant", model: body.model, content: [], stop_reason: null, usage: { input_tokens: 1, output_tokens: 1 } };
  const events = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ok" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  if (body.stream !== true) return response.end(JSON.stringify({ ...message, content: [{ type: "text", text: "ok" }], stop_reason: "end_turn" }));
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const baseUrl = `http://127.0.0.1:${server.address().port}`;

const pixels = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mP4z8AARAwQCgAf7gP9Y167WwAAAABJRU5ErkJggg==";

const look = async (name, modalities) => {
  hasPicture = false;
  const home = `${process.cwd()}/home-${Math.random()}`;
  mkdirSync(`${home}/work`, { recursive: true });
  const settings = {
    privacy: { usageStatisticsEnabled: false },
    general: { enableAutoUpdate: false },
    model: { name, ...(modalities ? { generationConfig: { modalities } } : {}) },
    security: { auth: { selectedType: "anthropic", baseUrl, apiKey: "k" } },
  };
  mkdirSync(`${home}/qwen`);
  writeFileSync(`${home}/qwen/settings.json`, JSON.stringify(settings));
  const agent = spawn("node_modules/.bin/qwen", ["--acp"], {
    env: { PATH: process.env.PATH, HOME: home, QWEN_HOME: `${home}/qwen` },
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  const waiting = new Map();
  createInterface({ input: agent.stdout }).on("line", (line) => {
    const { id, result, error } = JSON.parse(line);
    waiting.get(id)?.(result ?? error);
  });
  let last = 0;
  const ask = (method, params) =>
    new Promise((resolve) => {
      waiting.set((last += 1), resolve);
      agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: last, method, params })}\n`);
    });
  const { agentCapabilities } = await ask("initialize", { protocolVersion: 1, clientCapabilities: {} });
  const { sessionId } = await ask("session/new", { cwd: `${home}/work`, mcpServers: [] });
  const prompt = [
    { type: "image", mimeType: "image/png", data: pixels },
    { type: "text", text: "There is a picture here." },
  ];
  const { stopReason } = await ask("session/prompt", { sessionId, prompt });
  const says = `says image ${agentCapabilities.promptCapabilities.image}`;
  console.log(`${name}${modalities ? " with modalities" : ""}: ${says}, the model gets ${hasPicture ? "a picture" : "no picture"}, ${stopReason}`);
  process.kill(-agent.pid, "SIGKILL");
  await once(agent, "exit");
};

await look("claude-sonnet-4-5");
await look("my-model");
await look("my-model", { image: true });
process.exit();
JS
timeout 120 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
claude-sonnet-4-5: says image true, the model gets a picture, end_turn
my-model: says image true, the model gets no picture, end_turn
my-model with modalities: says image true, the model gets a picture, end_turn
SEEN
