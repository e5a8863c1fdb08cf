import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ClaudeCli } from "../claude/find-cli.ts";

/** Claude Code fed by hand, without a host. */
export type BareCli = {
  /** Sends a text; resolves at the end of its turn. */
  readonly say: (text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The flags of a program that feeds Claude Code. */
const protocol = [
  ...["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"],
  ...["--permission-prompt-tool", "stdio", "--setting-sources", "user", "--strict-mcp-config"],
];

/** Starts it in a folder, which is its HOME too. */
export const startBareCli = (cli: ClaudeCli, folder: string, env: NodeJS.ProcessEnv): BareCli => {
  const child = spawn(cli.path, protocol, {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], HOME: folder, ...env },
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  return {
    say: (text) =>
      new Promise<void>((resolve, reject) => {
        const onLine = (line: string): void => {
          if ((JSON.parse(line) as { readonly type?: string }).type !== "result") return;
          lines.off("line", onLine);
          resolve();
        };
        lines.on("line", onLine);
        void ended.then(() => reject(new Error("Claude Code ended")));
        const message = { role: "user", content: [{ type: "text", text }] };
        const line = { type: "user", message, parent_tool_use_id: null, session_id: "" };
        child.stdin.write(`${JSON.stringify(line)}\n`);
      }),
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};
