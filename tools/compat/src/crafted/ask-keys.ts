import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import type { RunOptions } from "../start/preflight-run.ts";

/**
 * The arguments with which preflight starts Claude Code, except `--tools`, with the protocol instead of a
 * terminal.
 */
const args = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  ...["--bare", "--strict-mcp-config", "--mcp-config", '{"mcpServers":{}}', "--setting-sources", "user"],
  ...["--settings", '{"disableAllHooks":true}', "--tools", ""],
];

/** Claude Code's reply to a request, as far as it is read here. */
type Reply = {
  readonly error?: string;
  readonly response?: { readonly reason?: string; readonly directory?: string; readonly trust_root?: string };
};

/**
 * The key for each folder, in order, or Claude Code's other answer; null if this version has no such request.
 */
export type KeysAsked = readonly { readonly key: string | null; readonly answer: string }[] | null;

/** It settles for some milliseconds after each folder (2.1.222 - 2.1.275). */
const busyMs = 5;

/**
 * Asks Claude Code which key it would record for each of the folders. Uses its control request `set_cwd`
 * without acceptance, which records nothing. The request exists since 2.1.200; 2.1.198 reports it as unknown.
 */
export const askKeys = async (
  { home }: Box,
  { path }: InstalledCli,
  folders: readonly string[],
  { env, signal }: RunOptions,
): Promise<KeysAsked> => {
  const child = spawn(path, args, { cwd: home, env, signal, stdio: ["pipe", "pipe", "ignore"] });
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<Reply> => {
    child.stdin.write(`${JSON.stringify({ type: "control_request", request_id: "1", request })}\n`);
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      const { type, response } = JSON.parse(line.value) as {
        readonly type: string;
        readonly response: Reply;
      };
      if (type === "control_response") return response;
    }
    throw new Error("Claude Code ended before it answered");
  };
  const keyOf = async (folder: string): Promise<Reply> => {
    const answer = await ask({ subtype: "set_cwd", path: folder });
    if (answer.response?.reason !== "busy") return answer;
    await pause(busyMs);
    return keyOf(folder);
  };
  await ask({ subtype: "initialize" });
  const asked: { key: string | null; answer: string }[] = [];
  for (const folder of folders) {
    const answer = await keyOf(folder);
    if (answer.error?.startsWith("Unsupported") === true) break;
    const { trust_root, directory } = answer.response ?? {};
    asked.push({ key: trust_root ?? directory ?? null, answer: JSON.stringify(answer) });
  }
  child.stdin.end();
  await closed;
  return asked.length === folders.length ? asked : null;
};
