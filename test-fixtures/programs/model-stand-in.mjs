#!/usr/bin/env node
// Stands in for the models' APIs on 127.0.0.1, so that real agents work through whole turns without an account: Claude Code by
// ANTHROPIC_BASE_URL, OpenCode and Qwen Code by the base URL in their settings, Codex by a `model_provider` with `wire_api = "responses"`. It answers
// each prompt with `you said: PROMPT`; `run COMMAND` with a call of the CLI's shell tool, and what that gave with `it ran`. The
// Responses API is in `responses-api.mjs`. The Messages API also answers `use TOOL JSON` with a call of that tool, where several steps
// are joined by ` then `; `refuse STATUS` with that status, to be tried no more; `busy STATUS` with that status, and `cut` with half a
// stream, twice, and then as any other prompt.
//
// node model-stand-in.mjs [PORT]: prints its address, and ends with its standard input. With MODEL_LOG=FILE each request is a
// line of that file: `{"method","path","headers","body"}`. With MODEL_DELAY=MS an answer's text comes so late, with
// MODEL_PACE=MS word by word, each so late.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { randomUUID } from "node:crypto";
import process from "node:process";
import { responsesTurn } from "./responses-api.mjs";

const textsOf = (content) =>
  typeof content === "string"
    ? [content]
    : (content ?? []).map(({ text = "", type }) => (["text", "input_text"].includes(type) ? text : ""));

/** What Claude Code asks by itself when it continues a turn that was cut: a message of its own, or a part of the prompt. */
const continued = /\s*Continue from where you left off\.\s*$/u;

const isContinued = ({ content }) => textsOf(content).some((text) => continued.test(text));

const said = (content) =>
  textsOf(content)
    .map((text) => text.replace(continued, ""))
    .join(" ");

/** The text of a message without what stands in tags, which the CLI or our runner added. */
const plainText = ({ content } = {}) =>
  said(content).replace(/<(?:([\w-]+)>[^]*?<\/\1|context [^]*?<\/context)>/gu, "").trim();

/** The last prompt of a person. A prompt of our runner is a block for each message; the last one's text counts. */
const promptOf = (messages = []) => {
  const last = messages.findLast((one) => one.role === "user" && plainText(one) !== "");
  const text = plainText(last);
  const inner = [...text.matchAll(/<message id=[^>]*>([^]*?)<\/message>/gu)].at(-1)?.[1] ?? text;
  const plain = inner.replaceAll("&quot;", `"`).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return plain.trim().split("\n").at(-1) ?? "";
};

const [delay, pace] = ["MODEL_DELAY", "MODEL_PACE"].map((name) => Number(process.env[name] ?? 0));

const words = (event) =>
  pace > 0 && event.delta?.type === "text_delta"
    ? event.delta.text.split(/(?<= )/u).map((text) => ({ ...event, delta: { ...event.delta, text } }))
    : [event];

const events = async (response, list) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of list.flatMap(words)) {
    if (/text\.delta$|block_delta$/u.test(event.type) && delay + pace > 0)
      await new Promise((resolve) => setTimeout(resolve, delay + pace));
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
};

const anthropic = (block, delta, model) => [
  {
    type: "message_start",
    message: {
      // Claude Code joins messages of one id.
      ...{ id: `msg_${randomUUID()}`, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null },
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

/** The file that Claude Code names for the plan in plan mode. */
const planFileIn = (messages) => /[^"\s\\]*\/plans\/[\w-]+\.md/u.exec(JSON.stringify(messages))?.[0] ?? "";

/** The call of a tool that a step of a prompt asks for; null for other text. */
const callIn = (step, messages) => {
  const [, command] = /^run (.+)$/u.exec(step) ?? [];
  if (command !== undefined) return { name: "Bash", input: { command, description: "Runs it" } };
  const [, name, json] = /^use ([\w-]+) (\{.*\})$/u.exec(step) ?? [];
  return name === undefined ? null : { name, input: JSON.parse(json.replace("PLAN_FILE", planFileIn(messages))) };
};

const toolResultsIn = ({ content }) =>
  Array.isArray(content) ? content.filter(({ type }) => type === "tool_result") : [];

/**
 * How many tools ran since a person asked for the turn. One that Claude Code was killed in has an error as its result, and
 * is called again.
 */
const resultsOf = (messages) => {
  const asked = messages.findLastIndex((one) => one.role === "user" && plainText(one) !== "");
  const resumed = messages.findLastIndex((one) => one.role === "user" && isContinued(one));
  return messages
    .slice(asked + 1)
    .filter((one, at) => toolResultsIn(one).some(({ is_error: isError }) => isError !== true || asked + 1 + at > resumed))
    .length;
};

/** Words, or a call of a tool. Claude Code names a few of its tools only when the model searches for them. */
const turn = ({ messages = [], model, tools = [] }) => {
  const steps = promptOf(messages).split(" then ");
  const count = resultsOf(messages);
  const call = callIn(steps[count] ?? "", messages);
  if (call === null || tools.length === 0) {
    const text = count > 0 ? "it ran" : `you said: ${promptOf(messages)}`;
    return anthropic({ type: "text", text: "" }, { type: "text_delta", text }, model);
  }
  // OpenCode's shell tool has a small letter, and Qwen Code's another name.
  const names = [call.name.toLowerCase(), ...(call.name === "Bash" ? ["run_shell_command"] : [])];
  const name = tools.find((tool) => names.includes(tool.name.toLowerCase()))?.name ?? call.name;
  const delta = { type: "input_json_delta", partial_json: JSON.stringify(call.input) };
  return anthropic({ type: "tool_use", id: `toolu_${randomUUID()}`, name, input: {} }, delta, model);
};

/** The body of a request; null if its client was killed before its end. */
const bodyOf = async (request) => {
  let body = "";
  try {
    for await (const chunk of request) body += chunk;
    return body;
  } catch {
    return null;
  }
};

/** How many requests with a `busy STATUS` were refused. */
const refusals = new Map();

/** The status of `refuse STATUS` or `busy STATUS`, also while Claude Code continues that turn. Null: the prompt is answered. */
const refusedBy = (messages = []) => {
  const last = said(messages.findLast(({ role }) => role === "user")?.content);
  const [, text = ""] = [...last.matchAll(/<message id=[^>]*>([^]*?)<\/message>/gu)].at(-1) ?? [];
  const [, word, status] = /^(refuse|busy) (\d{3})$/u.exec(text) ?? [];
  if (word === undefined) return null;
  const times = (refusals.get(text) ?? 0) + 1;
  refusals.set(text, times);
  return word === "busy" && times > 2 ? null : { status: Number(status), mayRetry: word === "busy" };
};

const refuse = (response, { status, mayRetry }) => {
  response.writeHead(status, { "content-type": "application/json", "x-should-retry": String(mayRetry) });
  response.end(JSON.stringify({ type: "error", error: { type: "refused", message: "the words of the vendor" } }));
};

/** How many times `cut` was asked. */
let cuts = 0;

const cut = (response, [start, block]) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const text = [start, block].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  response.write(text, () => response.destroy());
};

const server = http.createServer(async (request, response) => {
  const body = await bodyOf(request);
  if (body === null) return;
  const { method, url, headers } = request;
  if (process.env.MODEL_LOG)
    appendFileSync(process.env.MODEL_LOG, `${JSON.stringify({ method, path: url, headers, body: body && JSON.parse(body) })}\n`);
  const asked = body.startsWith("{") ? JSON.parse(body) : {};
  const path = (request.url ?? "").split("?")[0];
  if (request.method === "POST" && path === "/v1/messages") {
    const refusal = refusedBy(asked.messages);
    if (refusal !== null) return refuse(response, refusal);
    if (promptOf(asked.messages) === "cut" && (cuts += 1) <= 2) return cut(response, turn(asked));
    if (asked.stream) return events(response, turn(asked));
    const [{ message }] = turn(asked);
    const content = [{ type: "text", text: `you said: ${promptOf(asked.messages)}` }];
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ ...message, content, stop_reason: "end_turn" }));
  }
  if (request.method === "POST" && path === "/v1/responses")
    return events(response, responsesTurn(asked, promptOf));
  response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" });
  return response.end(request.method === "HEAD" ? "" : "{}");
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
