#!/usr/bin/env bash
# Tool: Claude Code 2.1.332 (npm @anthropic-ai/claude-code), `-p --output-format stream-json`.
# Usual guess: `result` of the last frame is the answer, so a program needs no other frame.
# Seen: it is the last block of text of the last message. If the stream of an answer breaks after a complete block, or its tokens
# are used up, Claude Code keeps the block, asks its model to resume where it stopped (a `user` frame with `isSynthetic`), and its
# result has the last piece alone, with `is_error: false`. The `assistant` frames have all pieces.
# What it means: who reads `result` shows the end of a long answer and says nothing of its beginning. Join the texts of the
# `assistant` frames since the last tool.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @anthropic-ai/claude-code@2.1.332
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";

/** The answers to one request after the other: the blocks of text, and how the stream ends. */
let answers = [];
const server = createServer(async (request, response) => {
  if (request.method !== "POST" || !/\/messages\?/.test(request.url)) return response.writeHead(request.method === "HEAD" ? 200 : 404).end();
  const { model } = await json(request);
  const { blocks, end } = answers.shift();
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: `msg_${answers.length}`, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null, usage };
  const pieces = blocks.flatMap((text, index) => [
    { type: "content_block_start", index, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index, delta: { type: "text_delta", text } },
    { type: "content_block_stop", index },
  ]);
  const last = [{ type: "message_delta", delta: { stop_reason: end, stop_sequence: null }, usage }, { type: "message_stop" }];
  const events = [{ type: "message_start", message }, ...pieces, ...(end === "break" ? [] : last)];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const run = async (title, ...script) => {
  answers = script;
  const home = `${process.cwd()}/home-${Math.random()}`;
  mkdirSync(`${home}/work`, { recursive: true });
  const quiet = { DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
  const model = { ANTHROPIC_BASE_URL: `http://127.0.0.1:${server.address().port}`, ANTHROPIC_API_KEY: "k" };
  const cli = spawn(`${process.cwd()}/node_modules/.bin/claude`, ["-p", "go", "--verbose", "--output-format", "stream-json"], {
    cwd: `${home}/work`,
    env: { PATH: process.env.PATH, HOME: home, ...quiet, ...model },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const said = [];
  for await (const line of createInterface({ input: cli.stdout })) {
    const { type, message, result, is_error: isError } = JSON.parse(line);
    if (type === "assistant") said.push(...message.content.map(({ text }) => text));
    if (type === "result") console.log(`${title}: said ${JSON.stringify(said.join(""))}, result ${JSON.stringify(result)}, is_error ${isError}`);
  }
};

await run("stream broke", { blocks: ["First half, "], end: "break" }, { blocks: ["second half."], end: "end_turn" });
await run("too many tokens", { blocks: ["First half, "], end: "max_tokens" }, { blocks: ["second half."], end: "end_turn" });
await run("two blocks", { blocks: ["First half, ", "second half."], end: "end_turn" });
process.exit();
JS
timeout 120 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
stream broke: said "First half, second half.", result "second half.", is_error false
too many tokens: said "First half, second half.", result "second half.", is_error false
two blocks: said "First half, second half.", result "second half.", is_error false
SEEN
