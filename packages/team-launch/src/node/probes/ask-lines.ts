import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { endGroup } from "@gatehouse/processes";
import { parseJson, type Environment } from "@gatehouse/std";

/** One line of JSON as an object with any fields. */
export type Line = Readonly<Record<string, unknown>>;

export type LineQuestion = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** The messages to write to its stdin, one line each. */
  readonly lines: readonly object[];
  readonly timeoutMs: number;
};

/**
 * Starts a program in `/`, where it reads no project's files, and returns the first result of `read` for its output
 * lines. Null if it cannot be started, exits, or gives no result in time. Its process group has ended when this resolves.
 */
export const askLines = <Found>(
  { file, args, env, lines, timeoutMs }: LineQuestion,
  read: (line: Line) => Found | undefined,
): Promise<Found | null> =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: "/",
      env: { ...env, DISABLE_AUTOUPDATER: "1" },
      detached: process.platform !== "win32",
      stdio: ["pipe", "pipe", "ignore"],
    });
    const end = (found: Found | null): void => {
      clearTimeout(timer);
      if (child.pid !== undefined) endGroup(child.pid);
      child.kill("SIGKILL");
      resolve(found);
    };
    const timer = setTimeout(() => end(null), timeoutMs);
    child.once("error", () => end(null));
    child.once("close", () => end(null));
    // A program that has exited reads nothing; `close` reports that.
    child.stdin.on("error", () => {});
    child.stdin.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const found = read(Object(parseJson(text)) as Line);
      if (found !== undefined) end(found);
    });
  });
