import { spawnSync } from "node:child_process";
import { parseLsof } from "./parse-lsof.ts";
import { parsePs } from "./parse-ps.ts";
import type { ProcessTable } from "./process-table.ts";

/** Runs a program of the system to its end. Null if it could not be started. */
export type RunProgram = (file: string, args: readonly string[]) => string | null;

/** Time limit of one call, ms; lsof of all processes takes the longest. */
const timeout = 5_000;

/** ps prints the start of a process in the caller's language and time zone, so both are fixed. */
const env = { LC_ALL: "C", TZ: "UTC" };

const run: RunProgram = (file, args) => {
  const options = { env, cwd: "/", encoding: "utf8", timeout, maxBuffer: 2 ** 26 } as const;
  const { error, stdout } = spawnSync(file, args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  return error === undefined ? stdout : null;
};

/** One `-o` for each column: BSD's ps takes all text after `=` in an argument for the column's header. */
const columns = ["pid=", "pgid=", "stat=", "lstart="].flatMap((column) => ["-o", column]);

/**
 * The process table of macOS, which has no /proc: ps(1), lsof(8), sysctl(8). Each call starts one program.
 * Never run on a Mac: see the fixtures' README.
 */
export const darwinTable = (programs: RunProgram = run): ProcessTable => {
  let boot: string | null = null;
  return {
    find: (pid) => {
      const listed = programs("/bin/ps", [...columns, "-p", String(pid)]);
      return parsePs(listed ?? "").find((entry) => entry.pid === pid) ?? null;
    },
    all: () => {
      const listed = programs("/bin/ps", ["-A", ...columns]);
      return listed === null ? null : parsePs(listed);
    },
    // kern.boottime changes when the clock is set; kern.bootsessionuuid stays until the next boot.
    boot: () => (boot ??= programs("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"])?.trim() || null),
    namespace: () => null,
    working: () => parseLsof(programs("/usr/sbin/lsof", ["-w", "-n", "-P", "-d", "cwd", "-F", "pn"]) ?? ""),
  };
};
