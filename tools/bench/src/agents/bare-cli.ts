import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ClaudeCli } from "../claude/find-cli.ts";
import { standInKey } from "../launches/trusted-profile.ts";

/** Claude Code fed by hand, without a host. */
export type BareCli = {
  readonly pid: number;
  /** Sends a text; resolves at the end of its turn. */
  readonly say: (text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The way in and out of a program that feeds Claude Code. */
const protocol = [
  ...["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"],
  ...["--permission-prompt-tool", "stdio", "--setting-sources", "user", "--strict-mcp-config"],
];

/** Starts it in a new folder below `root`, with its own settings there. */
export const startBareCli = async (cli: ClaudeCli, root: string, address: string): Promise<BareCli> => {
  const folder = join(root, `bare-${randomUUID()}`);
  await mkdir(folder);
  const child = spawn(cli.path, protocol, {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"],
      ...{ HOME: folder, CLAUDE_CONFIG_DIR: join(folder, "claude") },
      ...{ ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: standInKey },
      ...{ DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    },
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  return {
    pid: child.pid ?? 0,
    say: async (text) => {
      const answered = new Promise<void>((resolve, reject) => {
        const take = (line: string): void => {
          if ((JSON.parse(line) as { readonly type?: string }).type !== "result") return;
          lines.off("line", take);
          resolve();
        };
        lines.on("line", take);
        void ended.then(() => reject(new Error("Claude Code ended")));
      });
      const message = { role: "user", content: [{ type: "text", text }] };
      child.stdin.write(
        `${JSON.stringify({ type: "user", message, parent_tool_use_id: null, session_id: "" })}\n`,
      );
      await answered;
    },
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};
