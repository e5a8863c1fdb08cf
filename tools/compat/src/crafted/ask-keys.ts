import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

/**
 * The arguments with which preflight starts Claude Code, except `--tools`, with the protocol instead of a
 * terminal.
 */
const args = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  ...["--bare", "--strict-mcp-config", "--mcp-config", '{"mcpServers":{}}', "--setting-sources", "user"],
  ...["--settings", '{"disableAllHooks":true}', "--tools", ""],
];

type Reply = z.infer<typeof reply>;
const reply = z.object({
  type: z.literal("control_response"),
  response: z.object({
    request_id: z.string(),
    error: z.string().optional(),
    response: z
      .object({
        status: z.string().optional(),
        reason: z.string().optional(),
        directory: z.string().optional(),
        trust_root: z.string().optional(),
      })
      .optional(),
  }),
});

const replyIn = (line: string): Reply | null => {
  const parsed = reply.safeParse(JSON.parse(line));
  return parsed.success ? parsed.data : null;
};

/**
 * The key for each folder, in order, or Claude Code's other answer; null if this version has no such request.
 */
export type KeysAsked = readonly { readonly key: string | null; readonly answer: string }[] | null;

export type AskOptions = {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly signal: AbortSignal;
};

/** It settles for some milliseconds after each folder (2.1.222 - 2.1.275). */
const busyMs = 5;

/**
 * Asks Claude Code which key it would record for each of the folders. Uses its control request `set_cwd`
 * without acceptance, which records nothing. The request exists since 2.1.200; 2.1.198 reports it as unknown.
 */
export const askKeys = async (
  file: string,
  folders: readonly string[],
  {
    env,
    cwd,
    signal,
  }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly signal: AbortSignal },
): Promise<KeysAsked> => {
  const child = spawn(file, args, { cwd, env, signal, stdio: ["pipe", "pipe", "ignore"] });
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<Reply["response"]> => {
    child.stdin.write(`${JSON.stringify({ type: "control_request", request_id: "1", request })}\n`);
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      const found = replyIn(line.value);
      if (found !== null) return found.response;
    }
    throw new Error("Claude Code ended before it answered");
  };
  const keyOf = async (path: string): Promise<Reply["response"]> => {
    const answer = await ask({ subtype: "set_cwd", path });
    if (answer.response?.reason !== "busy") return answer;
    await pause(busyMs);
    return keyOf(path);
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
