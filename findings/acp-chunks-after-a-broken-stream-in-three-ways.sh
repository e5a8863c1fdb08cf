#!/usr/bin/env bash
# Tool: agents of the Agent Client Protocol: OpenCode 1.18.33, Kimi Code 2.1.0 (with Node 22.23.3) and Copilot 1.0.102 (npm).
# Usual guess: the `agent_message_chunk`s of a turn, joined, are the agent's answer.
# Seen, if the stream of the model breaks in the middle: OpenCode asks again as if nothing had come, and sends the chunks of both
# tries under one `messageId`: joined, the answer has its first half twice. Copilot does the same without an id, and says between
# them, as text of the agent, `Info: Response was interrupted due to a server error. Retrying...`. Kimi Code has its model go on
# after the first half, so its chunks join well. All three turns end with `end_turn`.
# What it means: nothing in the protocol says whether a chunk goes on or begins again, so a client that joins chunks is right for
# one agent and wrong for another. Only Copilot's sentence tells.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@22.23.3 opencode-ai@1.18.33 @moonshot-ai/kimi-code@2.1.0 @github/copilot@1.0.102
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

/**
 * A model whose first stream breaks off after some text. Asked again, it goes on after a text of its own, as a real one does.
 * `requests`: the conversations that it was asked with.
 */
let requests = [];
const server = createServer(async (request, response) => {
  if (request.method !== "POST" || !/\/messages(\?|$)/.test(request.url)) return response.writeHead(request.method === "HEAD" ? 200 : 404).end();
  const { model, messages } = await json(request);
  requests.push(JSON.stringify(messages));
  const isFirst = requests.length === 1;
  const isContinued = messages.at(-1).role === "assistant";
  const text = isFirst ? "First half, " : isContinued ? "second half." : "First half, second half.";
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: `msg_${requests.length}`, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null, usage };
  const send = (...events) => response.write(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
  response.writeHead(200, { "content-type": "text/event-stream" });
  send(
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
  );
  // The agent reads the text before the end of its connection.
  if (isFirst) return pause(500).then(() => response.destroy());
  send({ type: "content_block_stop", index: 0 }, { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage }, { type: "message_stop" });
  response.end();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;

const opencodeConfig = {
  autoupdate: false,
  share: "disabled",
  enabled_providers: ["anthropic"],
  model: "anthropic/claude-sonnet-4-5",
  provider: { anthropic: { options: { baseURL: `${url}/v1`, apiKey: "k" } } },
  agent: { title: { disable: true } },
};
const agents = {
  OpenCode: ["opencode acp", { OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_DEFAULT_PLUGINS: "1", OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeConfig) }],
  "Kimi Code": ["kimi acp", { KIMI_MODEL_PROVIDER_TYPE: "anthropic", KIMI_MODEL_BASE_URL: url, KIMI_MODEL_API_KEY: "k", KIMI_MODEL_NAME: "claude-sonnet-4-5" }],
  Copilot: [
    "copilot --acp",
    {
      ...{ COPILOT_OFFLINE: "true", COPILOT_AUTO_UPDATE: "false", COPILOT_PROVIDER_TYPE: "anthropic", COPILOT_PROVIDER_BASE_URL: url, COPILOT_PROVIDER_API_KEY: "k" },
      ...{ COPILOT_PROVIDER_MODEL_ID: "claude-sonnet-4.6", COPILOT_PROVIDER_MAX_PROMPT_TOKENS: "168000", COPILOT_PROVIDER_MAX_OUTPUT_TOKENS: "32000" },
    },
  ],
};

for (const [name, [command, env]] of Object.entries(agents)) {
  requests = [];
  const home = `${process.cwd()}/${command.split(" ")[0]}`;
  const cwd = `${home}/work`;
  mkdirSync(cwd, { recursive: true });
  const bin = `${process.cwd()}/node_modules/.bin`;
  const agent = spawn("sh", ["-c", `exec ${bin}/${command}`], { cwd, env: { PATH: `${bin}:${process.env.PATH}`, HOME: home, ...env }, stdio: ["pipe", "pipe", "ignore"], detached: true });
  const exited = once(agent, "exit");
  const waiting = new Map();
  const chunks = [];
  createInterface({ input: agent.stdout }).on("line", (line) => {
    const { id, method, params, result, error } = JSON.parse(line);
    if (method === undefined) waiting.get(id)?.(error ?? result);
    if (params?.update?.sessionUpdate === "agent_message_chunk") chunks.push(params.update);
  });
  const ask = (id, method, params) =>
    new Promise((resolve) => {
      waiting.set(id, resolve);
      agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  await ask(1, "initialize", { protocolVersion: 1, clientCapabilities: {} });
  const { sessionId } = await ask(2, "session/new", { cwd, mcpServers: [] });
  const { stopReason } = await ask(3, "session/prompt", { sessionId, prompt: [{ type: "text", text: "go" }] });
  console.log(`${name}, ${stopReason}; the second request has the first half: ${requests[1].includes("First half")}`);
  const ids = [...new Set(chunks.map(({ messageId }) => messageId))];
  for (const { messageId, content, ...rest } of chunks)
    console.log(`  ${messageId === undefined ? "no id" : `id ${ids.indexOf(messageId) + 1}`}, fields ${Object.keys(rest).join(" ")}: ${JSON.stringify(content.text)}`);
  process.kill(-agent.pid, "SIGKILL");
  await exited;
}
process.exit();
JS
timeout 180 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
OpenCode, end_turn; the second request has the first half: false
  id 1, fields sessionUpdate: "First half, "
  id 1, fields sessionUpdate: "First half, second half."
Kimi Code, end_turn; the second request has the first half: true
  no id, fields sessionUpdate: "First half, "
  no id, fields sessionUpdate: "second half."
Copilot, end_turn; the second request has the first half: false
  no id, fields sessionUpdate: "First half, "
  no id, fields sessionUpdate: "Info: Response was interrupted due to a server error. Retrying..."
  no id, fields sessionUpdate: "First half, second half."
SEEN
