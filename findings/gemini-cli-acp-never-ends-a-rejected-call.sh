#!/usr/bin/env bash
# Tool: Gemini CLI 0.61.0 (npm @google/gemini-cli) as an agent of the Agent Client Protocol, answered by its own --fake-responses.
# Usual guess: each tool call is reported as `pending` or `in_progress`, and ends with `completed` or `failed`.
# Seen: a call that needs a permission is not reported before it; the request for the permission is its first word. If the client
# rejects it, no update of that call ever comes, and the turn goes on. If the client allows it, the only update is the last one,
# `completed`: it was never `in_progress`. A call that needs no permission is reported as `in_progress` and `completed`.
# What it means: a client that shows running tools, or waits for open calls to end, must take its own answer for the report: a
# rejection as the end, an allowance as the beginning.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @google/gemini-cli@0.61.0
mkdir -p home/.gemini work
echo '{"security":{"auth":{"selectedType":"gemini-api-key"}},"general":{"enableAutoUpdate":false},"privacy":{"usageStatisticsEnabled":false}}' >home/.gemini/settings.json
echo hello >work/a.txt
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const say = (part) =>
  JSON.stringify({
    method: "generateContentStream",
    response: [{ candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }] }],
  });

const run = async (title, functionCall, answer) => {
  writeFileSync("answers.jsonl", `${say({ functionCall })}\n${say({ text: "done" })}\n`);
  const { PATH } = process.env;
  const env = { PATH, HOME: `${process.cwd()}/home`, GEMINI_API_KEY: "x", GEMINI_CLI_TRUST_WORKSPACE: "true", GEMINI_CLI_NO_RELAUNCH: "true" };
  const cwd = `${process.cwd()}/work`;
  const args = ["--acp", "-m", "gemini-2.5-pro", "--fake-responses", `${process.cwd()}/answers.jsonl`];
  const agent = spawn(`${process.cwd()}/node_modules/.bin/gemini`, args, { cwd, env, stdio: ["pipe", "pipe", "ignore"], detached: true });
  const waiting = new Map();
  const seen = [];
  const send = (frame) => agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...frame })}\n`);
  createInterface({ input: agent.stdout }).on("line", (line) => {
    const { id, method, params, result, error } = JSON.parse(line);
    if (method === "session/request_permission") {
      seen.push(`asked, ${answer}`);
      const option = params.options.find(({ kind }) => kind === answer);
      send({ id, result: { outcome: { outcome: "selected", optionId: option.optionId } } });
    } else if (method === "session/update") {
      const { sessionUpdate, status } = params.update;
      if (sessionUpdate.startsWith("tool_call")) seen.push(`${sessionUpdate} ${status}`);
    } else waiting.get(id)?.(error ?? result);
  });
  let last = 0;
  const ask = (method, params) =>
    new Promise((resolve) => {
      waiting.set((last += 1), resolve);
      send({ id: last, method, params });
    });
  await ask("initialize", { protocolVersion: 1, clientCapabilities: {} });
  await ask("authenticate", { methodId: "gemini-api-key" });
  const { sessionId } = await ask("session/new", { cwd, mcpServers: [] });
  const { stopReason } = await ask("session/prompt", { sessionId, prompt: [{ type: "text", text: "go" }] });
  console.log(`${title}: ${[...seen, stopReason].join("; ")}`);
  process.kill(-agent.pid, "SIGKILL");
  await once(agent, "exit");
};

const command = { name: "run_shell_command", args: { command: "touch made" } };
await run("no permission", { name: "read_file", args: { file_path: "a.txt" } }, "allow_once");
await run("rejected", command, "reject_once");
await run("allowed", command, "allow_once");
process.exit();
JS
timeout 120 node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
no permission: tool_call in_progress; tool_call_update completed; end_turn
rejected: asked, reject_once; end_turn
allowed: asked, allow_once; tool_call_update completed; end_turn
SEEN
