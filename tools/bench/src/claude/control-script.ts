import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as after } from "node:timers/promises";
import type { ClaudeHome } from "./claude-home.ts";
import type { ClaudeCli } from "./find-cli.ts";

/** The arguments with which preflight starts its conversation, so that both start the same program. */
const conversation = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  ...["--no-session-persistence", "--bare", "--strict-mcp-config", "--setting-sources", "user"],
  ...["--settings", '{"disableAllHooks":true}', "--tools", "", "--mcp-config"],
];

/**
 * The floor: a script that speaks Claude Code's control protocol and handles no failure. It starts the CLI,
 * asks about each folder, accepts the folder by the name in the answer, and kills the CLI once its lock is
 * gone, since the CLI's own end takes seconds. It trusts each answer and checks nothing before or after.
 */
export const runControlScript = async (cli: ClaudeCli, home: ClaudeHome): Promise<void> => {
  const { root, env, folders, stateFile } = home;
  const mcpFile = join(root, "mcp.json");
  await writeFile(mcpFile, '{"mcpServers":{}}');
  const child = spawn(cli.path, [...conversation, mcpFile], {
    cwd: root,
    env: { ...env, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const waiting = new Map<string, (answer: { readonly directory?: string }) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { type, response } = JSON.parse(line);
    if (type === "control_response") waiting.get(response.request_id)?.(response.response);
  });
  const ask = (request: object): Promise<{ readonly directory?: string }> =>
    new Promise((resolve, reject) => {
      const id = String(waiting.size);
      waiting.set(id, resolve);
      void ended.then(() => reject(new Error("Claude Code ended without an answer")));
      child.stdin.write(`${JSON.stringify({ type: "control_request", request_id: id, request })}\n`);
    });
  for (const path of folders) {
    const { directory } = await ask({ subtype: "set_cwd", path });
    await ask({ subtype: "set_cwd", path, trust_accepted: true, trusted_directory: directory });
  }
  while (existsSync(`${stateFile}.lock`)) await after(2);
  child.kill("SIGKILL");
  await ended;
};
