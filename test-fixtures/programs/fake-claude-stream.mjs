#!/usr/bin/env node
// Claude Code in `-p` with `stream-json` on both sides, as far as the agent runner uses it. It keeps its transcript in
// CLAUDE_CONFIG_DIR. With ANTHROPIC_BASE_URL the model there answers; without it a prompt of two words is a row of `commands`,
// and any other prompt is answered with `you said: PROMPT`.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const { CLAUDE_CONFIG_DIR, ANTHROPIC_BASE_URL, CLAUDE_CODE_RESUME_INTERRUPTED_TURN, FAKE_CLI = "." } = process.env;
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const session = process.argv.includes("--resume") ? option("--resume") : option("--session-id");
const folder = join(CLAUDE_CONFIG_DIR, "projects", "work");
const transcript = join(folder, `${session}.jsonl`);
mkdirSync(folder, { recursive: true });

const send = (frame) => process.stdout.write(`${JSON.stringify(frame)}\n`);
const keep = (line) => appendFileSync(transcript, `${JSON.stringify(line)}\n`);
const lines = () =>
  existsSync(transcript) ? readFileSync(transcript, "utf8").trim().split("\n").map((line) => JSON.parse(line)) : [];

const textOf = ({ message }) => message.content.map(({ text = "" }) => text).join("");
const waiting = new Map();
let interrupt = () => {};

/** A turn's text; null if it was interrupted. */
const answer = async (text) => {
  if (ANTHROPIC_BASE_URL !== undefined) return askModel();
  const [, word = "", rest = ""] = /^(\w+) (.+)$/s.exec(text) ?? [];
  return Object.hasOwn(commands, word) ? commands[word](rest) : `you said: ${text}`;
};

const askModel = async () => {
  const messages = lines().filter(({ type }) => type === "user").map(({ message }) => message);
  const reply = await fetch(`${ANTHROPIC_BASE_URL}/v1/messages`, { method: "POST", body: JSON.stringify({ messages }) });
  return (await reply.json()).content[0].text;
};

const commands = {
  tool: async (command) => {
    const [id, input] = [`toolu_${lines().length}`, { command }];
    keep({ type: "assistant", message: { id: "msg_0", stop_reason: "tool_use", content: [{ type: "tool_use", id, name: "Bash", input }] } });
    const request = { subtype: "can_use_tool", tool_name: "Bash", input };
    const { behavior } = await new Promise((resolve) => {
      waiting.set(id, resolve);
      send({ type: "control_request", request_id: id, request });
    });
    if (behavior === "allow") appendFileSync(join(FAKE_CLI, "ran"), `${command}\n`);
    keep({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: id, is_error: behavior !== "allow" }] } });
    return behavior === "allow" ? `it ran: ${command}` : "it did not run";
  },
  wait: () => {
    appendFileSync(join(FAKE_CLI, "waits"), `${process.pid}\n`);
    return new Promise((resolve) => (interrupt = () => resolve(null)));
  },
  exit: (rest) => (process.stderr.write(`${rest}\n`), process.exit(3)),
};

const turn = async (prompt) => {
  send({ type: "system", subtype: "init" });
  const text = await answer(textOf(prompt));
  const message = { id: `msg_${lines().length}`, stop_reason: "end_turn", content: [{ type: "text", text }] };
  if (text !== null) keep({ type: "assistant", message });
  if (text !== null) send({ type: "assistant", message });
  send({ type: "result", is_error: text === null, result: text ?? "", user_message_uuids: [prompt.uuid] });
};

const hear = async (frame) => {
  if (frame.type === "control_response") waiting.get(frame.response.request_id)?.(frame.response.response);
  if (frame.type === "control_request" && frame.request.subtype === "interrupt") interrupt();
  if (frame.type !== "user" || lines().some(({ uuid }) => uuid === frame.uuid)) return;
  keep(frame);
  await turn(frame);
};

const input = createInterface({ input: process.stdin }).on("line", (line) => void hear(JSON.parse(line)));
input.once("close", () => process.exit(0));
const open = lines().findLast(({ type, uuid }) => type === "user" && uuid !== undefined);
if (CLAUDE_CODE_RESUME_INTERRUPTED_TURN !== undefined && open !== undefined) void turn(open);
