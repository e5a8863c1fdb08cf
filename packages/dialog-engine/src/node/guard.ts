import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import type { Stop } from "../ports.ts";
import { guardScript } from "./guard-script.ts";

/** Ends programs that would otherwise outlive this process, even if this process is killed. */
export type Guard = {
  /**
   * Watches a program and its process group (a PTY's child leads one) until `Stop` is called. When this process has
   * ended, the program has `graceMs` (default 1,000) to end by itself.
   */
  watch(group: number, graceMs?: number): Stop;
  /** Stops watching everything. */
  stop(): void;
};

/** The shell's `$0`: a person can find the guard in a list of processes by it. */
const title = "dialog-engine-guard";

/**
 * Starts one other process, together with the first group. It waits until this process has ended and then kills the
 * programs that ignore their terminal's hangup. `onUnguarded` is called if it cannot be started, or ends before
 * `stop`. Does nothing on Windows, which has no process groups.
 */
export const createGuard = (onUnguarded: (detail: string) => void): Guard => {
  let guard: ChildProcess | null = null;
  let isStopped = false;
  const unguarded = (detail: string): void => {
    if (!isStopped) onUnguarded(detail);
  };
  const send = (line: string): void => void guard?.stdin?.write(`${line}\n`);
  return {
    watch: (group, graceMs = 1_000) => {
      if (process.platform === "win32") return () => {};
      if (guard === null) guard = startGuard(`${group}:${graceMs}`, unguarded);
      else send(`+${group}:${graceMs}`);
      return () => send(`-${group}`);
    },
    stop: () => {
      isStopped = true;
      guard?.kill("SIGKILL");
    },
  };
};

const startGuard = (group: string, onUnguarded: (detail: string) => void): ChildProcess => {
  const child = spawn("/bin/sh", ["-c", guardScript, title, group], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const unguarded = ({ message }: Error): void => onUnguarded(message);
  child.on("error", unguarded);
  // The guard process has ended.
  child.stdin.on("error", unguarded);
  child.on("exit", (code, signal) => onUnguarded(`the guard has ended (${signal ?? code})`));
  return child;
};
