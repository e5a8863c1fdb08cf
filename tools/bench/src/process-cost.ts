import { readFileSync } from "node:fs";

/** A tick of /proc, ms: 100 a second on every Linux. */
export const tickMs = 10;

/** Fields of /proc/PID/stat from its third on. The second, the name, may contain spaces and brackets. */
export const statOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];

/** CPU time that a process has used, ms. */
export const cpuMsOf = (pid: number): number => {
  const fields = statOf(pid);
  return tickMs * (Number(fields[11]) + Number(fields[12]));
};

/** The memory of a process, KB. PSS counts a share of memory that several processes use. */
export const pssOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
