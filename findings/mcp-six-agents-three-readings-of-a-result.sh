#!/usr/bin/env bash
# Tool: six agents that call a tool of an MCP server: Claude Code 2.1.332, Codex 0.171.0, Gemini CLI 0.61.0, Kimi Code 2.1.0,
# OpenCode 1.18.33 and Qwen Code 0.24.4 (npm; the last four by ACP; Kimi Code needs Node 22).
# Usual guess: the model reads all of a result, its `content` and its `structuredContent`.
# Seen, for two texts and a structured value that says something else: Claude Code and Codex pass on the structured value alone,
# Gemini CLI and OpenCode the texts alone, Kimi Code both, and Qwen Code both in the other order. For an empty `content` the model
# of Gemini CLI reads nothing; OpenCode now passes the structured value on.
# What it means: a server whose texts say more than its structured value (a warning, a link), or the reverse, loses one of them, and
# which one depends on the agent. Each of the two has to say everything.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@22.23.3 @anthropic-ai/claude-code@2.1.332 @openai/codex@0.171.0 @google/gemini-cli@0.61.0 \
  @moonshot-ai/kimi-code@2.1.0 opencode-ai@1.18.33 @qwen-code/qwen-code@0.24.4
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";

/** What the tool answers, and the schema of it that the server declares. */
const text = (words) => ({ type: "text", text: words });
const outputSchema = { type: "object", properties: { field: { type: "string" } }, required: ["field"] };
const structuredContent = { field: "STRUCTURED" };
const results = {
  "texts and structured": [{ content: [text("FIRST"), text("SECOND")], structuredContent }, outputSchema],
  "structured alone": [{ content: [], structuredContent }, outputSchema],
};

/** The words that reach the model of an agent, in their order. */
const partsIn = (value) => JSON.stringify(value).match(/FIRST|SECOND|STRUCTURED/g) ?? [];

/** One model for three APIs: it calls the tool, and says "done" once it has a result. `onResult` gets the message with that. */
let onResult = () => {};
const tokens = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
const apis = {
  messages: ({ messages, tools = [], model }) => {
    const last = messages.findLast(({ content }) => Array.isArray(content) && content.some(({ type }) => type === "tool_result"));
    const name = tools.map((tool) => tool.name).find((each) => each.includes("probe"));
    const message = { id: "m", type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null, usage: tokens };
    const isCall = last === undefined && name !== undefined;
    const [block, delta] = isCall
      ? [{ type: "tool_use", id: "toolu_1", name, input: {} }, { type: "input_json_delta", partial_json: "{}" }]
      : [{ type: "text", text: "" }, { type: "text_delta", text: "done" }];
    const events = [
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: block },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: isCall ? "tool_use" : "end_turn", stop_sequence: null }, usage: tokens },
      { type: "message_stop" },
    ];
    return { result: last?.content, events, whole: { ...message, content: [{ type: "text", text: "done" }], stop_reason: "end_turn" } };
  },
  responses: ({ input, tools = [], model }) => {
    const last = input.find(({ type }) => /_call_output$/.test(type));
    const group = tools.find(({ tools: own }) => own?.some(({ name }) => name === "probe"))?.name;
    const item =
      last === undefined
        ? { id: "fc_1", type: "function_call", status: "completed", call_id: "call_1", name: group === undefined ? "mcp__pics__probe" : "probe", namespace: group, arguments: "{}" }
        : { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "done", annotations: [] }] };
    const response = { id: "r", object: "response", created_at: 0, model, status: "completed", output: [item], usage: tokens };
    const events = [
      { type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response },
    ];
    return { result: last?.output, events };
  },
  generateContent: ({ contents, tools = [] }) => {
    const last = contents.find(({ parts = [] }) => parts.some(({ functionResponse }) => functionResponse));
    const name = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations).map((tool) => tool.name).find((each) => each.includes("probe"));
    const part = last === undefined && name !== undefined ? { functionCall: { name, args: {} } } : { text: "done" };
    const whole = { candidates: [{ index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" }] };
    return { result: last?.parts, events: [whole], whole };
  },
};
const server = createServer(async (request, response) => {
  const [, api] = /(messages|responses|generateContent|streamGenerateContent)(\?.*)?$/.exec(request.url) ?? [];
  if (request.method !== "POST" || api === undefined) return response.writeHead(request.method === "HEAD" ? 200 : 404).end();
  const isGoogle = /enerateContent$/.test(api);
  const body = await json(request);
  const { result, events, whole } = apis[isGoogle ? "generateContent" : api](body);
  if (result !== undefined) onResult(result);
  const isStream = isGoogle ? api.startsWith("stream") : body.stream === true;
  response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
  response.end(isStream ? events.map((event) => `${event.type === undefined ? "" : `event: ${event.type}\n`}data: ${JSON.stringify(event)}\n\n`).join("") : JSON.stringify(whole));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;

const put = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof text === "string" ? text : JSON.stringify(text));
};

/** The MCP server of the tool: its only result is the one for the word that it is started with. */
put("server.mjs", `import { createInterface } from "node:readline";
const results = ${JSON.stringify(results)};
const [result, outputSchema] = results[process.argv[2]];
const send = (id, answer) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: answer }) + "\\n");
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") send(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "pics", version: "1" } });
  else if (method === "tools/list") send(id, { tools: [{ name: "probe", description: "Probes.", inputSchema: { type: "object", properties: {} }, outputSchema }] });
  else if (method === "tools/call") send(id, result);
  else if (id !== undefined) send(id, {});
});
`);

/** How each agent is started in a HOME, with the server and the model. */
const agents = {
  "Claude Code": (home, program) => {
    put(`${home}/mcp.json`, { mcpServers: { pics: program } });
    const flags = ["--mcp-config", `${home}/mcp.json`, "--strict-mcp-config", "--allowedTools", "mcp__pics__probe"];
    const env = { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: "k", DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", ENABLE_TOOL_SEARCH: "false" };
    return { argv: ["claude", "-p", "go", ...flags], env };
  },
  Codex: (home, { command, args }) => {
    const model = `name = "m"\nbase_url = "${url}/v1"\nwire_api = "responses"\nenv_key = "K"`;
    const own = `command = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\ndefault_tools_approval_mode = "approve"`;
    put(`${home}/codex/config.toml`, `model = "gpt-5"\nmodel_provider = "m"\n[model_providers.m]\n${model}\n[mcp_servers.pics]\n${own}\n`);
    return { argv: ["codex", "exec", "--skip-git-repo-check", "go"], env: { CODEX_HOME: `${home}/codex`, K: "k" } };
  },
  "Gemini CLI": (home) => {
    put(`${home}/.gemini/settings.json`, { security: { auth: { selectedType: "gemini-api-key" } }, general: { enableAutoUpdate: false }, privacy: { usageStatisticsEnabled: false } });
    const env = { GEMINI_API_KEY: "k", GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_TRUST_WORKSPACE: "true", GEMINI_CLI_NO_RELAUNCH: "true" };
    return { argv: ["gemini", "--acp", "-m", "gemini-2.5-pro"], env, methodId: "gemini-api-key" };
  },
  "Kimi Code": () => ({
    argv: ["kimi", "acp"],
    env: { KIMI_MODEL_PROVIDER_TYPE: "anthropic", KIMI_MODEL_BASE_URL: url, KIMI_MODEL_API_KEY: "k", KIMI_MODEL_NAME: "claude-sonnet-4-5", KIMI_MODEL_CAPABILITIES: "image_in" },
  }),
  OpenCode: (home) => {
    const provider = { anthropic: { options: { baseURL: `${url}/v1`, apiKey: "k" } } };
    const config = { autoupdate: false, share: "disabled", enabled_providers: ["anthropic"], model: "anthropic/claude-sonnet-4-5", provider };
    const env = { XDG_CONFIG_HOME: `${home}/c`, XDG_DATA_HOME: `${home}/d`, XDG_STATE_HOME: `${home}/s`, XDG_CACHE_HOME: `${home}/h` };
    const quiet = { OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_DEFAULT_PLUGINS: "1" };
    return { argv: ["opencode", "acp"], env: { ...env, ...quiet, OPENCODE_CONFIG_CONTENT: JSON.stringify(config) } };
  },
  "Qwen Code": (home) => {
    const model = { name: "claude-sonnet-4-5", generationConfig: { modalities: { image: true } } };
    const auth = { selectedType: "anthropic", baseUrl: url, apiKey: "k" };
    put(`${home}/qwen/settings.json`, { privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false }, tools: { toolSearch: { enabled: false } }, model, security: { auth } });
    return { argv: ["qwen", "--acp"], env: { QWEN_HOME: `${home}/qwen` } };
  },
};

/** Asks an agent by the Agent Client Protocol, and allows its tool. */
const prompt = async (agent, { cwd, methodId, program }) => {
  const waiting = new Map();
  const send = (frame) => agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...frame })}\n`);
  createInterface({ input: agent.stdout }).on("line", (line) => {
    const { id, method, params, result, error } = JSON.parse(line);
    if (method === undefined) return waiting.get(id)?.(error ?? result);
    if (method !== "session/request_permission") return;
    const { optionId } = params.options.find(({ kind }) => kind === "allow_once");
    send({ id, result: { outcome: { outcome: "selected", optionId } } });
  });
  const ask = (id, method, params) =>
    new Promise((resolve) => {
      waiting.set(id, resolve);
      send({ id, method, params });
    });
  await ask(1, "initialize", { protocolVersion: 1, clientCapabilities: {} });
  if (methodId !== undefined) await ask(2, "authenticate", { methodId });
  const { sessionId } = await ask(3, "session/new", { cwd, mcpServers: [{ name: "pics", ...program, env: [] }] });
  // A prompt may come before the server's tools.
  for (let id = 4; ; id += 1) await ask(id, "session/prompt", { sessionId, prompt: [{ type: "text", text: "go" }] });
};

for (const [name, start] of Object.entries(agents))
  for (const kind of Object.keys(results)) {
    const home = `${process.cwd()}/home-${Math.random()}`;
    const cwd = `${home}/work`;
    mkdirSync(cwd, { recursive: true });
    const program = { command: process.execPath, args: [`${process.cwd()}/server.mjs`, kind] };
    const { argv, env, methodId } = start(home, program);
    const [file, ...args] = argv;
    const isAcp = argv.some((word) => /^(--)?acp$/.test(word));
    const read = new Promise((resolve) => (onResult = resolve));
    const bin = `${process.cwd()}/node_modules/.bin`;
    const stdio = [isAcp ? "pipe" : "ignore", "pipe", "ignore"];
    const agent = spawn(`${bin}/${file}`, args, { cwd, env: { PATH: `${bin}:${process.env.PATH}`, HOME: home, ...env }, stdio, detached: true });
    const exited = once(agent, "exit");
    if (isAcp) void prompt(agent, { cwd, methodId, program });
    else agent.stdout.resume();
    const parts = await Promise.race([read.then(partsIn), exited.then(() => ["no result"])]);
    console.log(`${name}, ${kind}: ${parts.length === 0 ? "nothing" : parts.join(", ")}`);
    if (agent.exitCode === null) process.kill(-agent.pid, "SIGKILL");
    await exited;
  }
process.exit();
JS
timeout 300 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
Claude Code, texts and structured: STRUCTURED
Claude Code, structured alone: STRUCTURED
Codex, texts and structured: STRUCTURED
Codex, structured alone: STRUCTURED
Gemini CLI, texts and structured: FIRST, SECOND
Gemini CLI, structured alone: nothing
Kimi Code, texts and structured: FIRST, SECOND, STRUCTURED
Kimi Code, structured alone: STRUCTURED
OpenCode, texts and structured: FIRST, SECOND
OpenCode, structured alone: STRUCTURED
Qwen Code, texts and structured: STRUCTURED, FIRST, SECOND
Qwen Code, structured alone: STRUCTURED
SEEN
