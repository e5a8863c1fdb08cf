import type { ProcessEntry } from "./process-table.ts";

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
