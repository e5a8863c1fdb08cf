import { spawn } from "node:child_process";
import process from "node:process";
import { createScreen, type TerminalExit } from "@trust/dialog-engine";
import { openPty } from "@trust/dialog-engine/node";
import { expect, inject, onTestFinished } from "vitest";

const gatehouse = inject("programs").gatehouse;
const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TERM: "xterm-256color" };

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs gatehouse without a terminal, as this account or another. */
export const runPiped = (
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
  uid: number = process.getuid?.() ?? 0,
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [gatehouse, ...args], {
      env: { ...env, HOME: "/nonexistent", ...more },
      stdio: ["ignore", "pipe", "pipe"],
      uid,
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });

/** A person at a terminal of 110 x 60. */
export type UserTerminal = {
  readonly pid: number;
  /** The current text of the screen. */
  screen(): string;
  sees(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  /** Waits for a question, then types these keys. */
  answers(question: string | RegExp, keys: string): Promise<void>;
  ended: Promise<TerminalExit>;
};

/** `node`: the Node that runs gatehouse. */
export const openTerminal = async (
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  node: string = process.execPath,
): Promise<UserTerminal> => {
  const [columns, rows] = [110, 60];
  const started = { file: node, args: [gatehouse, ...args], cwd: "/", env: { ...env, ...more } };
  const opened = await openPty({ ...started, columns, rows });
  if (!opened.ok) return expect.fail(opened.error.message);
  const terminal = opened.value;
  onTestFinished(() => terminal.kill());
  const screen = createScreen(columns, rows);
  screen.onReply((data) => terminal.write(data));
  terminal.onData((data) => screen.write(data));
  const text = (): string => screen.view().rows.join("\n");
  const sees = (wanted: string | RegExp): Promise<void> =>
    expect.poll(text, { interval: 20 }).toMatch(wanted);
  return {
    pid: terminal.pid,
    screen: text,
    sees,
    type: (keys) => terminal.write(keys),
    answers: async (question, keys) => {
      await sees(question);
      terminal.write(keys);
    },
    ended: new Promise((resolve) => terminal.onExit(resolve)),
  };
};
