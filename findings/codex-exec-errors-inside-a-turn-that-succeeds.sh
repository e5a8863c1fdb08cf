#!/usr/bin/env bash
# Tool: Codex 0.171.0 (npm @openai/codex), `codex exec --json`.
# Usual guess: an event of the type `error` says that the run has failed.
# Seen: each reconnect to the model is such an event, with no field that tells it from an error that ends the turn. The answer,
# `turn.completed` and the exit code 0 follow. A warning is an item of the type `error`, and comes before the turn begins. If the
# model never comes back, the last `error` is followed by `turn.failed`.
# What it means: a reader that takes the first `error` for the end gives up turns that succeed. Only `turn.completed`,
# `turn.failed` and the exit code tell the outcome. `codex app-server` has `willRetry` in the same place.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
# Codex refuses a CODEX_HOME below /tmp.
folder=$(mktemp -d "$HOME/codex-finding-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @openai/codex@0.171.0
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";

/** How many streams of the model break off before one is whole. */
let breaks = 0;
const server = createServer(async (request, response) => {
  if (request.method !== "POST") return response.writeHead(404).end("{}");
  const { model } = await json(request);
  const item = { id: `msg_${breaks}`, type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "done", annotations: [] }] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const whole = { id: "r", object: "response", created_at: 0, model, status: "completed", output: [item], usage };
  const begin = [
    { type: "response.created", response: { ...whole, status: "in_progress", output: [], usage: null } },
    { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } },
  ];
  const rest = [{ type: "response.output_item.done", output_index: 0, item }, { type: "response.completed", response: whole }];
  breaks -= 1;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end([...begin, ...(breaks >= 0 ? [] : rest)].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const run = async (title, count) => {
  breaks = count;
  const home = `${process.cwd()}/home-${count}`;
  mkdirSync(`${home}/work`, { recursive: true });
  const provider = `name = "m"\nbase_url = "http://127.0.0.1:${server.address().port}/v1"\nwire_api = "responses"\nenv_key = "K"\nstream_max_retries = 2`;
  writeFileSync(`${home}/config.toml`, `model = "my-model"\nmodel_provider = "m"\n[model_providers.m]\n${provider}\n`);
  const cli = spawn("node_modules/.bin/codex", ["exec", "--json", "--skip-git-repo-check", "-C", `${home}/work`, "go"], {
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, K: "k" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(cli, "exit");
  console.log(title);
  for await (const line of createInterface({ input: cli.stdout })) {
    const { type, item, ...rest } = JSON.parse(line);
    const fields = Object.keys(rest).filter((key) => !["thread_id", "usage"].includes(key));
    const words = type === "error" ? ` ${rest.message.replace(/ \(.*/, "")}` : "";
    console.log(`  ${[type, item?.type, ...fields].filter(Boolean).join(" ")}${words}`);
  }
  console.log(`  exit ${(await exited)[0]}`);
};

await run("two streams break", 2);
await run("all streams break", 99);
process.exit();
JS
timeout 120 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
two streams break
  thread.started
  item.completed error
  turn.started
  error message Reconnecting... 1/2
  error message Reconnecting... 2/2
  item.completed agent_message
  turn.completed
  exit 0
all streams break
  thread.started
  item.completed error
  turn.started
  error message Reconnecting... 1/2
  error message Reconnecting... 2/2
  error message stream disconnected before completion: stream closed before response.completed
  turn.failed error
  exit 1
SEEN
