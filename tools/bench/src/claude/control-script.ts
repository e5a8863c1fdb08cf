import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { until } from "../wait.ts";
import type { ClaudeCli } from "./find-cli.ts";
import type { ClaudeHome } from "./claude-home.ts";

/** The arguments with which preflight starts its conversation, so that both start the same program. */
const conversation = [
  "-p",
  "--input-format",
  "stream-json",
  "--output-format",
  "stream-json",
  "--verbose",
  "--no-session-persistence",
];

/**
 * The floor: a script that speaks Claude Code's control protocol and handles no failure. It starts the CLI,
 * asks about each folder, accepts the folder by the name in the answer, closes the input, and waits for the
 * end and the lock. It trusts each answer and checks nothing before or after.
 */
export const runControlScript = async (cli: ClaudeCli, claudeHome: ClaudeHome): Promise<void> => {
  const child = spawn(cli.path, [...conversation, ...claudeHome.args], {
    cwd: claudeHome.root,
    env: { ...claudeHome.env, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const waiting = new Map<string, (answer: { readonly directory?: string }) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { type, response } = JSON.parse(line);
    if (type === "control_response") waiting.get(response.request_id)?.(response.response);
  });
  const ask = (request: object): Promise<{ readonly directory?: string }> =>
    new Promise((resolve) => {
      const id = String(waiting.size);
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ type: "control_request", request_id: id, request })}\n`);
    });
  for (const path of claudeHome.folders) {
    const { directory } = await ask({ subtype: "set_cwd", path });
    await ask({ subtype: "set_cwd", path, trust_accepted: true, trusted_directory: directory });
  }
  child.stdin.end();
  await ended;
  await until(() => !claudeHome.isLocked(), 20_000);
};
