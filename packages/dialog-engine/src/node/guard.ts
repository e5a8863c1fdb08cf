import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import type { Stop } from "../ports.ts";

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

/**
 * A shell script that outlives a killed program. When the program is gone, the pipe from it ends. The terminals of its
 * children then hang up; this script kills the process groups that ignore the hangup. It gets the groups as arguments,
 * and on standard input, one per line: `+4711:1000` starts watching group 4711 and gives it 1,000 ms to end by itself,
 * `-4711` stops watching it. A shell starts in 1 ms; Node takes 40 ms of the processor time that the program needs to
 * start. The script is a string because a bundled program has no file beside its module. `kill` reads group 0 as its
 * own group and group 1 as all processes, so the script skips both.
 */
const guardScript: string = `
groups="$*"
while read -r line; do
  case $line in
  +*) groups="$groups \${line#+}" ;;
  -*)
    others=
    for entry in $groups; do
      [ "\${entry%%:*}" = "\${line#-}" ] || others="$others $entry"
    done
    groups=$others
    ;;
  esac
done
waited_ms=0
while :; do
  left=
  for entry in $groups; do
    group=\${entry%%:*}
    [ "$group" -gt 1 ] && kill -s 0 -- "-$group" || continue
    if [ "$waited_ms" -ge "\${entry#*:}" ]; then kill -s KILL -- "-$group"; else left="$left $entry"; fi
  done 2>/dev/null
  [ -n "$left" ] || exit 0
  groups=$left
  sleep 0.02
  waited_ms=$((waited_ms + 20))
done
`;
