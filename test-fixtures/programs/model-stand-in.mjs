#!/usr/bin/env node
// Stands in for the models' APIs on 127.0.0.1, so that real agents work through whole turns without an account: Claude Code by
// ANTHROPIC_BASE_URL, Codex by a `model_provider` with `wire_api = "responses"`. It answers each prompt with `you said: PROMPT`;
// Claude Code's `run COMMAND` with a call of its tool Bash, and what that gave with `it ran`.
//
// node model-stand-in.mjs [PORT]: prints its address, and ends with its standard input.
import http from "node:http";
import process from "node:process";

const said = (content) =>
  typeof content === "string"
    ? content
    : (content ?? []).map(({ text = "", type }) => (["text", "input_text"].includes(type) ? text : "")).join(" ");

/** The last prompt of a person: what stands in tags was added by the CLI. */
const promptOf = (messages = []) => {
  const last = messages.findLast(({ role }) => role === "user");
  return said(last?.content).replace(/<([\w-]+)>[^]*?<\/\1>/gu, "").trim().split("\n").at(-1) ?? "";
};

const events = (response, list) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of list) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
};

const anthropic = (block, delta, model) => [
  {
    type: "message_start",
    message: {
      ...{ id: "msg_1", type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null },
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  { type: "content_block_start", index: 0, content_block: block },
  { type: "content_block_delta", index: 0, delta },
  { type: "content_block_stop", index: 0 },
  {
    type: "message_delta",
    delta: { stop_reason: block.type === "text" ? "end_turn" : "tool_use", stop_sequence: null },
    usage: { output_tokens: 1 },
  },
  { type: "message_stop" },
];

/** The whole turn: words, or a call of Bash. */
const turn = ({ messages = [], model, tools = [] }) => {
  const last = messages.at(-1)?.content;
  const isResult = Array.isArray(last) && last.some(({ type }) => type === "tool_result");
  const [, command] = /^run (.+)$/u.exec(isResult ? "" : promptOf(messages)) ?? [];
  if (command === undefined || !tools.some(({ name }) => name === "Bash")) {
    const text = isResult ? "it ran" : `you said: ${promptOf(messages)}`;
    return anthropic({ type: "text", text: "" }, { type: "text_delta", text }, model);
  }
  const input = { type: "input_json_delta", partial_json: JSON.stringify({ command, description: "Runs it" }) };
  return anthropic({ type: "tool_use", id: `toolu_${Date.now()}`, name: "Bash", input: {} }, input, model);
};

const openai = (text) => {
  const item = { id: "item_1", type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] };
  const response = { id: "resp_1", object: "response", output: [item] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  return [
    { type: "response.created", response: { ...response, output: [] } },
    { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } },
    { type: "response.output_text.delta", output_index: 0, item_id: item.id, content_index: 0, delta: text },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { ...response, status: "completed", usage } },
  ];
};

const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const asked = body.startsWith("{") ? JSON.parse(body) : {};
  const path = (request.url ?? "").split("?")[0];
  if (request.method === "POST" && path === "/v1/messages") {
    if (asked.stream) return events(response, turn(asked));
    const [{ message }] = turn(asked);
    const content = [{ type: "text", text: `you said: ${promptOf(asked.messages)}` }];
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ ...message, content, stop_reason: "end_turn" }));
  }
  if (request.method === "POST" && path === "/v1/responses")
    return events(response, openai(`you said: ${promptOf(Array.isArray(asked.input) ? asked.input : [])}`));
  response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" });
  return response.end(request.method === "HEAD" ? "" : "{}");
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
