#!/usr/bin/env node
// An agent that speaks the Agent Client Protocol (version 1) on its standard streams, and has no model. It keeps its sessions
// as files in the folder FAKE_ACP, and answers a prompt with `you said: PROMPT`. A prompt of two words does something else: the
// rows of `commands`. FAKE_ACP_LACKS=load,resume,http leaves out what an agent may lack. It begins with FAKE_ACP_SAYS on stderr.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const folder = process.env.FAKE_ACP;
const lacks = new Set((process.env.FAKE_ACP_LACKS ?? "").split(","));
process.stderr.write(process.env.FAKE_ACP_SAYS ?? "");
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const note = (name, value) => appendFileSync(join(folder, "log"), `${JSON.stringify({ [name]: value })}\n`);
const fileOf = (id) => join(folder, `${id}.session`);

const waiting = new Map();
let last = 0;
const ask = (method, params) =>
  new Promise((resolve) => {
    last += 1;
    waiting.set(`a-${last}`, resolve);
    send({ id: `a-${last}`, method, params });
  });

let cancel = () => {};
const cancelled = () => new Promise((resolve) => (cancel = () => resolve("cancelled")));

/** A session's updates. */
const updater = (sessionId) => (update) => send({ method: "session/update", params: { sessionId, update } });

const options = [
  { optionId: "1", name: "Always", kind: "allow_always" },
  { optionId: "2", name: "Once", kind: "allow_once" },
  { optionId: "3", name: "No", kind: "reject_once" },
];

/**
 * `tells`: when it reports the input of the call: before it asks, after that, or never; `within` the request instead, or as `text` of
 * the report. `named`: it reports the call only at its end, and its id begins with this name.
 */
const usesTool = async (sessionId, text, { offered = options, tells = "before", title = "shell", field = "command", asks = 1, named = null } = {}) => {
  const tell = updater(sessionId);
  last += 1;
  const toolCallId = named === null ? `t-${last}` : `${named}__t-${last}`;
  const report = { sessionUpdate: "tool_call_update", toolCallId, status: "in_progress", title: text, rawInput: { [field]: text } };
  if (named === null) tell({ sessionUpdate: "tool_call", toolCallId, title, kind: "execute", status: "pending", rawInput: {} });
  if (tells === "before") tell(report);
  if (tells === "text") tell({ ...report, status: "pending", rawInput: undefined, content: [{ type: "content", content: { type: "text", text: JSON.stringify({ [field]: text }) } }] });
  const rawInput = tells === "within" ? { [field]: text } : {};
  const request = { sessionId, toolCall: { toolCallId, title: text, status: "pending", rawInput }, options: offered };
  const answer = ask("session/request_permission", request);
  if (tells === "after") tell(report);
  let { outcome } = await answer;
  for (let count = 1; count < asks; count += 1) ({ outcome } = await ask("session/request_permission", request));
  note("outcome", outcome);
  const may = outcome.outcome === "selected" && outcome.optionId === "2";
  if (may) appendFileSync(join(folder, "ran"), `${text}\n`);
  if (may || named === null) tell({ sessionUpdate: "tool_call_update", toolCallId, status: may ? "completed" : "failed" });
  return may ? `it ran: ${text}` : "it did not run";
};

const say = (sessionId, text, messageId = "m") =>
  updater(sessionId)({ sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } });

/** The MCP servers of the last opened session. */
let servers = [];

/** Starts an MCP server, calls its tool, and answers with the text of its result. */
const callTool = async (name, tool) => {
  const server = servers.find((each) => each.name === name);
  if (server === undefined) return `there is no server ${name}`;
  const env = Object.fromEntries(server.env.map(({ name: variable, value }) => [variable, value]));
  const child = spawn(server.command, server.args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const request = async (id, method, params) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return JSON.parse((await lines.next()).value).result;
  };
  await request(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "fake", version: "1" } });
  const { content } = await request(2, "tools/call", { name: tool, arguments: {} });
  // It stays until the agent ends, as with a real CLI.
  return content[0].text;
};

/** `WORD REST`: what it does, and the reason with which its turn ends. */
const commands = {
  tool: async (id, rest) => say(id, await usesTool(id, rest)),
  late: async (id, rest) => say(id, await usesTool(id, rest, { tells: "after" })),
  told: async (id, rest) => say(id, await usesTool(id, rest, { tells: "text" })),
  named: async (id, rest) => say(id, await usesTool(id, rest, { tells: "never", named: "run_shell_command" })),
  within: async (id, rest) => say(id, await usesTool(id, rest, { tells: "within" })),
  untold: async (id, rest) => say(id, await usesTool(id, rest, { tells: "never" })),
  reasked: async (id, rest) => say(id, await usesTool(id, rest, { asks: 2 })),
  batch: async (id, rest) => {
    const calls = rest.split(" ").map((word) => usesTool(id, word, { tells: "after" }));
    for (const call of calls) say(id, await call);
  },
  read: async (id, rest) => say(id, await usesTool(id, rest, { title: "read", field: "filePath" })),
  // Says nothing after a denial, and the turn ends.
  denialends: async (id, rest) => {
    const said = await usesTool(id, rest);
    if (said.startsWith("it ran")) say(id, said);
  },
  // The same, with the input in the request.
  withinends: async (id, rest) => {
    const said = await usesTool(id, rest, { tells: "within" });
    if (said.startsWith("it ran")) say(id, said);
  },
  twice: async (id, rest) => {
    await usesTool(id, rest);
    say(id, await usesTool(id, rest));
  },
  optionless: async (id, rest) => say(id, await usesTool(id, rest, { offered: [options[0]] })),
  newkind: async (id, rest) => say(id, await usesTool(id, rest, { offered: [{ optionId: "0", name: "Today", kind: "allow_today" }, ...options] })),
  foreign: async (_id, rest) => void (await usesTool("another", rest)),
  pieces: async (id, rest) => {
    say(id, "I look. ", "m1");
    say(id, rest, "m1");
    updater("another")({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: "not mine" } });
    updater(id)({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "hm" } });
    updater(id)({ sessionUpdate: "tool_call", toolCallId: "t", title: "look", status: "completed" });
    say(id, '<message to="team">done</message>', "m1");
    say(id, "the end", "m2");
  },
  // As a model's answer streams: word by word.
  split: (id, rest) => {
    for (const word of rest.split(/(?<= )/)) say(id, word);
  },
  wait: async (id) => {
    spawn("sleep", ["600"], { stdio: "ignore" });
    note("waits", process.pid);
    return cancelled().then((reason) => (say(id, "cut"), reason));
  },
  deaf: () => (note("waits", process.pid), new Promise(() => {})),
  mcp: async (id, rest) => say(id, await callTool(...rest.split(" "))),
  // As Copilot does before and after the words of its model.
  notices: async (id, rest) => {
    say(id, "Info: Disabled tools: lsp", "n");
    say(id, rest, "m");
    say(id, "Error: 402 pay first", "e");
  },
  // As Copilot 1.0.102 does when the stream of its model breaks: no id tells the pieces apart.
  retried: async (id, rest) => {
    updater(id)({ sessionUpdate: "tool_call", toolCallId: "t", title: "look", status: "completed" });
    for (const text of [rest.slice(0, 5), "Info: Response was interrupted due to a server error. Retrying...", rest])
      updater(id)({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
  },
  refuse: () => "refusal",
  // `ends REASON TEXT`.
  ends: (id, rest) => {
    const [reason, ...words] = rest.split(" ");
    if (words.length > 0) say(id, words.join(" "));
    return reason;
  },
  // A turn of tools alone that a limit cuts.
  toolends: async (id, rest) => (await usesTool(id, "ls"), rest),
  // What an answer may have beside text.
  shows: (id, rest) => {
    const piece = (content) => updater(id)({ sessionUpdate: "agent_message_chunk", messageId: "m", content });
    if (rest !== "") say(id, rest);
    piece({ type: "image", mimeType: "image/png", data: "iVBORw0KGgo=" });
    piece({ type: "audio", mimeType: "audio/wav", data: "UklGRg==" });
    piece({ type: "resource_link", name: "the report", uri: "https://example.com/report.pdf" });
    piece({ type: "resource", resource: { uri: "file:///notes.txt", text: "the notes" } });
    piece({ type: "resource", resource: { uri: "file:///a.bin", blob: "AAAA" } });
  },
  long: (id) => say(id, "x".repeat(33 * 2 ** 20)),
  nothing: () => null,
  // As a program in JavaScript that passes the code of its own error on.
  malformed: (_id, rest) => Promise.reject(Object.assign(new Error(rest), { sent: "ECONNREFUSED" })),
  silent: () => {},
  fail: (_id, rest) => Promise.reject(new Error(rest)),
  detail: (_id, details) => Promise.reject(Object.assign(new Error("Internal error"), { data: { details } })),
  exit: (_id, rest) => (process.stderr.write(`${rest}\n`), process.exit(3)),
};

/** A prompt of the runner is its images, and a text with a block for each message; the last one's text counts. */
const prompt = async ({ sessionId, prompt: blocks }) => {
  const { text: whole } = blocks.at(-1);
  for (const image of blocks.slice(0, -1)) note("image", image);
  const text = [...whole.matchAll(/<message id=[^>]*>([^]*?)<\/message>/gu)].at(-1)?.[1] ?? whole;
  note("prompt", text);
  appendFileSync(fileOf(sessionId), `${text}\n`);
  const [, word = "", rest = ""] = /^(\w+) ?(.*)$/s.exec(text) ?? [];
  const reason = Object.hasOwn(commands, word) ? await commands[word](sessionId, rest) : say(sessionId, `you said: ${text}`);
  return reason === null ? null : { stopReason: typeof reason === "string" ? reason : "end_turn" };
};

const opens = (how) => (params) => {
  note(how, params);
  servers = params.mcpServers;
  if (!existsSync(fileOf(params.sessionId))) throw new Error("Internal error: no such session");
  if (how === "load")
    for (const line of readFileSync(fileOf(params.sessionId), "utf8").trim().split("\n")) say(params.sessionId, `replayed ${line}`);
  return {};
};

const methods = {
  initialize: ({ protocolVersion, clientCapabilities }) => {
    note("version", protocolVersion);
    note("capabilities", clientCapabilities);
    note("env", process.env);
    return lacks.has("introduction") ? null : {
      protocolVersion: lacks.has("version") ? 9 : protocolVersion,
      agentCapabilities: {
        loadSession: !lacks.has("load"),
        mcpCapabilities: { http: !lacks.has("http") },
        promptCapabilities: lacks.has("image") ? {} : { image: true },
        sessionCapabilities: lacks.has("resume") ? {} : { resume: {} },
      },
    };
  },
  authenticate: (params) => (note("signed in", params), {}),
  "session/new": (params) => {
    const sessionId = `s-${process.pid}`;
    writeFileSync(fileOf(sessionId), "");
    note("new", params);
    servers = params.mcpServers;
    return lacks.has("session") ? {} : { sessionId };
  },
  "session/set_mode": ({ modeId }) => (note("mode", modeId), {}),
  "session/set_config_option": ({ configId, value }) => (note("option", `${configId}=${value}`), { configOptions: [] }),
  "session/load": opens("load"),
  "session/resume": opens("resume"),
  "session/prompt": prompt,
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params, result } = JSON.parse(line);
  if (method === undefined) return waiting.get(id)?.(result);
  if (method === "session/cancel") return cancel();
  try {
    send({ id, result: await methods[method](params) });
  } catch (error) {
    send({ id, error: { code: error.sent ?? -32603, message: error.message, data: error.data } });
  }
});
