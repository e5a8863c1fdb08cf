import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import type { ProcessEntry, ProcessTable, WorkingProcess } from "./process-table.ts";

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

/** The columns pid, pgid, stat, lstart: `  501   501 Ss   Mon Nov 23 01:37:55 2026`. */
const line = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+\d\d:\d\d:\d\d\s+\d{4})\s*$/;

/** Parses the output of ps with these columns, without a header. Other lines are ignored. */
export const parsePs = (printed: string): readonly ProcessEntry[] =>
  printed.split("\n").flatMap((text) => {
    const [, pid, group, state, start] = line.exec(text) ?? [];
    if (pid === undefined || group === undefined || state === undefined || start === undefined) return [];
    return [
      {
        pid: Number(pid),
        group: Number(group),
        isZombie: state.startsWith("Z"),
        start: start.replaceAll(/\s+/g, " "),
      },
    ];
  });

/**
 * Parses the output of `lsof -d cwd -F pn`: a line for each field, `p` with the process, `f` with `cwd`, `n`
 * with the folder. If lsof may not read the folder of a process, its path is followed by a text in brackets,
 * or is missing.
 */
export const parseLsof = (printed: string): readonly WorkingProcess[] => {
  const found: WorkingProcess[] = [];
  let pid: number | null = null;
  for (const line of printed.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = /^\d+$/.test(value) ? Number(value) : null;
    else if (line.startsWith("n/") && pid !== null) found.push({ pid, folder: unescaped(value) });
  }
  return found;
};

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "\\": "\\" };

/** lsof prints a letter that is not in the locale as `\xc3\xa9`, its bytes in UTF-8 (lsof(8), OUTPUT). */
const unescaped = (text: string): string =>
  text.replaceAll(/((?:\\x[0-9a-f]{2})+)|\\([bfnrt\\])/g, (_, bytes?: string, letter = "") =>
    bytes === undefined
      ? (letters[letter] ?? letter)
      : Buffer.from(bytes.replaceAll("\\x", ""), "hex").toString("utf8"),
  );
