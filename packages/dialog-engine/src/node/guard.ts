import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Stop } from "../ports.ts";

/** Sees to it that programs do not outlive this process, not even where it is killed. */
export type Guard = {
  /**
   * Watches over a program and all that is in its process group (a PTY's child leads one), until the `Stop`. `graceMs` is
   * its time to end by itself where this process is gone (1,000).
   */
  watch(group: number, graceMs?: number): Stop;
  /** Watches over nothing any more. */
  stop(): void;
};

/** Plain Node, so that it is the same file beside the sources and beside the build. */
const program = fileURLToPath(new URL("../../bin/guard.js", import.meta.url));

/**
 * One other process, started with the first group, that waits for this one to go and then ends what takes no notice of its
 * terminal's hangup. `onUnguarded` is told where it cannot be started. Windows has no groups: there it does nothing.
 */
export const createGuard = (onUnguarded: (detail: string) => void): Guard => {
  let guard: ChildProcess | null = null;
  const say = (line: string): void => void guard?.stdin?.write(`${line}\n`);
  return {
    watch: (group, graceMs = 1_000) => {
      if (process.platform === "win32") return () => {};
      if (guard === null) guard = startGuard(`${group}:${graceMs}`, onUnguarded);
      else say(`+${group}:${graceMs}`);
      return () => say(`-${group}`);
    },
    stop: () => void guard?.kill("SIGKILL"),
  };
};

const startGuard = (group: string, onUnguarded: (detail: string) => void): ChildProcess => {
  const child = spawn(process.execPath, [program, group], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const unguarded = ({ message }: Error): void => onUnguarded(message);
  child.on("error", unguarded);
  // Somebody ended it.
  child.stdin.on("error", unguarded);
  return child;
};
