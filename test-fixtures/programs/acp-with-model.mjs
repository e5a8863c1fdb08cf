#!/usr/bin/env node
// An agent that speaks the Agent Client Protocol and asks its model by Anthropic's Messages (ANTHROPIC_BASE_URL), as real ones do. It
// has one tool, `bash`. ACP_WITH names what it does otherwise: "auto" (in its first mode it runs tools unasked; in "default" it asks),
// "cut" (its question shows the beginning of a command alone), "ends" (a denial ends the turn), "forgets" (it can load no session),
// "quiet" (an error of the model ends the turn without a text), "stays" (a program of its own lives on, and so does it), "key" (it
// asks for a sign-in), "mute" (it never answers a prompt), "crash" (it exits in its first turn), "null" (its introduction is empty).
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const does = new Set((process.env.ACP_WITH ?? "").split(","));
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const fileOf = (id) => join(process.env.HOME, `${id}.json`);

const waiting = new Map();
let last = 0;
const ask = (method, params) =>
  new Promise((resolve) => {
    last += 1;
    waiting.set(`a-${last}`, resolve);
    send({ id: `a-${last}`, method, params });
  });

const session = { id: "", mode: does.has("auto") ? "auto" : "default", messages: [], command: null, cancelled: false, asking: null };
const tell = (update) => send({ method: "session/update", params: { sessionId: session.id, update } });
const modes = () => ({ currentModeId: session.mode, availableModes: ["auto", "default"].map((id) => ({ id, name: id })) });
const keep = () => writeFileSync(fileOf(session.id), JSON.stringify(session.messages));

/** The one block of an answer, from its events. */
const blockIn = (text) => {
  const events = text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [JSON.parse(line.slice(6))] : []));
  const block = events.find(({ type }) => type === "content_block_start").content_block;
  const deltas = events.flatMap(({ delta }) => (delta === undefined ? [] : [delta.text ?? delta.partial_json ?? ""])).join("");
  return block.type === "text" ? { ...block, text: deltas } : { ...block, input: JSON.parse(deltas) };
};

const askModel = async () => {
  session.asking = new AbortController();
  const answer = await fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, {
    method: "POST",
    signal: session.asking.signal,
    headers: { "x-api-key": process.env.ANTHROPIC_API_KEY ?? "", "content-type": "application/json" },
    body: JSON.stringify({
      model: process.env.MODEL ?? "m",
      stream: true,
      messages: session.messages,
      tools: [{ name: "bash", input_schema: { type: "object", properties: { command: { type: "string" } }, required: ["command"] } }],
    }),
  });
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error("Internal error"), { data: { details: JSON.parse(text).error.message } });
  return blockIn(text);
};

const run = (command) =>
  new Promise((resolve) => {
    session.command = spawn("/bin/sh", ["-c", command], { stdio: "ignore" });
    session.command.once("exit", () => resolve("done"));
  });

/** What a call of the tool gave; null for a denied one. */
const use = async ({ id: toolCallId, input }) => {
  tell({ sessionUpdate: "tool_call", toolCallId, title: "bash", kind: "execute", status: "pending" });
  if (session.mode === "default") {
    const shown = does.has("cut") ? { title: `${input.command.slice(0, 20)}…` } : { title: "bash", rawInput: input };
    const options = [{ optionId: "yes", name: "Yes", kind: "allow_once" }, { optionId: "no", name: "No", kind: "reject_once" }];
    const { outcome } = await ask("session/request_permission", { sessionId: session.id, toolCall: { toolCallId, ...shown }, options });
    if (outcome.optionId !== "yes") return null;
  }
  return run(input.command);
};

const prompt = async ({ prompt: blocks }) => {
  if (does.has("mute")) await new Promise(() => {});
  if (does.has("crash")) process.exit(3);
  session.cancelled = false;
  session.messages.push({ role: "user", content: blocks });
  keep();
  for (;;) {
    const block = await askModel().catch((error) => {
      if (session.cancelled || does.has("quiet")) return null;
      throw error;
    });
    if (block === null) return session.cancelled ? "cancelled" : "end_turn";
    session.messages.push({ role: "assistant", content: [block] });
    if (block.type === "text") {
      tell({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: block.text } });
      keep();
      return "end_turn";
    }
    const result = await use(block);
    session.messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: block.id, content: result ?? "denied" }] });
    if (session.cancelled) return "cancelled";
    if (result === null && does.has("ends")) return "end_turn";
  }
};

const methods = {
  initialize: () => (does.has("null") ? null : {
    protocolVersion: 1,
    ...(does.has("key") ? { authMethods: [{ id: "key-login", name: "Log in with a key" }] } : {}),
    agentInfo: { name: "with-model", version: "1.0" },
    agentCapabilities: { loadSession: !does.has("forgets") },
  }),
  "session/new": () => {
    if (does.has("key")) throw Object.assign(new Error("Authentication required"), { code: -32000 });
    session.id = `s-${process.pid}`;
    return { sessionId: session.id, modes: modes() };
  },
  "session/load": ({ sessionId }) => {
    if (!existsSync(fileOf(sessionId))) throw new Error("no such session");
    session.id = sessionId;
    session.messages = JSON.parse(readFileSync(fileOf(sessionId), "utf8"));
    return {};
  },
  "session/set_mode": ({ modeId }) => ((session.mode = modeId), {}),
  "session/prompt": async (params) => ({ stopReason: await prompt(params) }),
};

const cancel = () => {
  session.cancelled = true;
  session.command?.kill("SIGKILL");
  session.asking?.abort();
};

if (does.has("stays")) {
  spawn("sleep", ["600"], { detached: true, stdio: "ignore" }).unref();
  setInterval(() => {}, 1_000);
}

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, method, params, result } = JSON.parse(line);
    if (method === undefined) return waiting.get(id)?.(result);
    if (method === "session/cancel") return cancel();
    try {
      send({ id, result: await methods[method](params) });
    } catch (error) {
      send({ id, error: { code: error.code ?? -32603, message: error.message, data: error.data } });
    }
  })
  .on("close", () => does.has("stays") || process.exit(0));
