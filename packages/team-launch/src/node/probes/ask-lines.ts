import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { endGroup } from "@gatehouse/processes";
import { parseJson, type Environment } from "@gatehouse/std";

/** A line of JSON as an object, whatever its fields. */
export type Line = Readonly<Record<string, unknown>>;

export type LineQuestion = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** Written to its stdin, a line each. */
  readonly lines: readonly object[];
  readonly timeoutMs: number;
};

/**
 * Starts a program in `/`, where no project's files are read, and gives what `read` finds first in its lines. Null
 * if it cannot be started, ends or is silent for the time. Its process group has ended by then.
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
    // One that has ended reads nothing; `close` says so.
    child.stdin.on("error", () => {});
    child.stdin.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const found = read(Object(parseJson(text)) as Line);
      if (found !== undefined) end(found);
    });
  });
