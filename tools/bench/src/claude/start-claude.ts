import { spawn } from "node-pty";
import { until } from "../wait.ts";
import type { ClaudeCli } from "./find-cli.ts";
import type { ClaudeHome } from "./claude-home.ts";

/** Claude Code in a PTY, without a screen or rules. */
export type StartedClaude = {
  readonly press: (key: "up" | "down" | "enter") => void;
  readonly hasExited: () => boolean;
  /** Milliseconds since its last output. */
  readonly quietMs: () => number;
  readonly isAsked: () => boolean;
  /** The pointer was last drawn in front of "Yes". */
  readonly isOnYes: () => boolean;
  /** The dialog is answered and the composer's banner was drawn. */
  readonly isStarted: () => boolean;
  readonly end: () => Promise<void>;
};

const bytesOf = { up: "\u001b[A", down: "\u001b[B", enter: "\r" } as const;

/** Claude places words with cursor moves, so the remaining text has no spaces between them. */
// eslint-disable-next-line no-control-regex -- the expression finds the escape character
const escapes = /\u001b(?:\[[0-9;?<>=]*[A-Za-z]|\][^\u0007]*\u0007)|\s/g;

export const startClaude = (cli: ClaudeCli, { args, env }: ClaudeHome, folder: string): StartedClaude => {
  const pty = spawn(cli.path, [...args], { name: "xterm-256color", cols: 120, rows: 40, cwd: folder, env });
  let [raw, text] = ["", ""];
  let exited = false;
  let wroteAt = performance.now();
  pty.onData((data) => {
    wroteAt = performance.now();
    raw += data;
    text = raw.replace(escapes, "");
  });
  pty.onExit(() => (exited = true));
  return {
    press: (key) => {
      if (!exited) pty.write(bytesOf[key]);
    },
    hasExited: () => exited,
    quietMs: () => performance.now() - wroteAt,
    isAsked: () => text.includes("Entertoconfirm"),
    isOnYes: () => text.startsWith("❯Yes", text.lastIndexOf("❯")),
    isStarted: () => text.includes("ClaudeCodev"),
    end: async () => {
      if (!exited) pty.kill("SIGKILL");
      await until(() => exited, 5_000);
    },
  };
};
