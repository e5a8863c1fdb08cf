#!/usr/bin/env node
// `codex app-server`, as far as the agent runner uses it. It keeps its threads in CODEX_HOME, and has no model: a prompt of
// two words is a row of `commands`, and any other prompt is answered with `you said: PROMPT`. With FAKE_CODEX_LACKS=clean it
// ends no commands of a turn.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

if (process.argv[2] === "sandbox") process.exit(0);
const { CODEX_HOME, FAKE_CLI = "." } = process.env;
const folder = join(CODEX_HOME, "sessions");
mkdirSync(folder, { recursive: true });
const fileOf = (id) => join(folder, `${id}.json`);

/** The turns of a thread, oldest first. A thread without turns is not on disk. */
const turnsOf = (id) => {
  if (!existsSync(fileOf(id))) throw new Error(`no rollout found for thread id ${id}`);
  return JSON.parse(readFileSync(fileOf(id), "utf8"));
};
const keep = (id, turns) => writeFileSync(fileOf(id), JSON.stringify(turns));

const send = (frame) => process.stdout.write(`${JSON.stringify(frame)}\n`);
const waiting = new Map();
let interrupt = () => {};

/** A turn's text; null if it was interrupted. */
const commands = {
  tool: async (command, { turnId, threadId }) => {
    const id = `q-${waiting.size}`;
    const { decision } = await new Promise((resolve) => {
      waiting.set(id, resolve);
      const params = { kind: "command", threadId, turnId, itemId: "i", command };
      send({ id, method: "item/commandExecution/requestApproval", params });
    });
    if (decision === "accept") appendFileSync(join(FAKE_CLI, "ran"), `${command}\n`);
    return decision === "accept" ? `it ran: ${command}` : "it did not run";
  },
  wait: () => {
    appendFileSync(join(FAKE_CLI, "waits"), `${process.pid}\n`);
    return new Promise((resolve) => (interrupt = () => resolve(null)));
  },
  send: (text, { turnId, threadId, items }) => {
    const item = { type: "agentMessage", text, phase: "final_answer", delivery: "async", questions: null };
    items.push(item);
    send({ method: "item/completed", params: { threadId, turnId, item } });
    return "it was sent";
  },
  exit: (rest) => (process.stderr.write(`${rest}\n`), process.exit(3)),
};

const run = async (threadId, turn, text) => {
  const turnId = turn.id;
  const turns = existsSync(fileOf(threadId)) ? turnsOf(threadId) : [];
  keep(threadId, [...turns, turn]);
  send({ method: "turn/started", params: { threadId, turn } });
  const [, word = "", rest = ""] = /^(\w+) (.+)$/s.exec(text) ?? [];
  const said = Object.hasOwn(commands, word) ? await commands[word](rest, { turnId, threadId, items: turn.items }) : `you said: ${text}`;
  const item = { type: "agentMessage", text: said ?? "", phase: null };
  const ended = { ...turn, status: said === null ? "interrupted" : "completed", items: [...turn.items, item] };
  keep(threadId, [...turns, ended]);
  if (said !== null) send({ method: "item/completed", params: { threadId, turnId, item } });
  send({ method: "turn/completed", params: { threadId, turn: { ...ended, error: null } } });
};

const methods = {
  initialize: () => ({ userAgent: "gatehouse/0.169.0 (fake)" }),
  "skills/list": () => ({ data: [] }),
  "thread/start": () => ({ thread: { id: `th-${process.pid}` } }),
  "thread/resume": ({ threadId }) => void turnsOf(threadId),
  "thread/turns/list": ({ threadId }) => ({ data: turnsOf(threadId).toReversed() }),
  "thread/revert": ({ threadId, beforeTurnId }) => {
    const turns = turnsOf(threadId);
    keep(threadId, turns.slice(0, turns.findIndex(({ id }) => id === beforeTurnId)));
  },
  "turn/start": ({ threadId, clientUserMessageId: clientId, input }) => {
    const turn = { id: `t-${clientId}`, status: "inProgress", items: [{ type: "userMessage", clientId }] };
    setImmediate(() => void run(threadId, turn, input.at(-1).text));
    return { turn };
  },
  "turn/interrupt": () => void interrupt(),
  "turn/steer": () => ({}),
  "thread/backgroundTerminals/clean": ({ threadId }) => {
    turnsOf(threadId);
    if (process.env.FAKE_CODEX_LACKS === "clean") throw new Error("not now");
    appendFileSync(join(FAKE_CLI, "cleaned"), `${threadId}\n`);
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { id, method, params, result } = JSON.parse(line);
    if (method === undefined) return waiting.get(id)?.(result);
    if (id === undefined) return;
    try {
      send({ id, result: methods[method](params) ?? {} });
    } catch (error) {
      send({ id, error: { code: -32600, message: error.message } });
    }
  })
  .once("close", () => process.exit(0));
