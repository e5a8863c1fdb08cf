import { readFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** Linux counts processor time in hundredths of a second on every machine, ms. */
const tickMs = 10;

/** The processor time that a process has used, ms. Null without Linux's /proc, or if the process has ended. */
export const processTime = (pid: number | undefined): number | null => {
  if (pid === undefined) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // `pid (name) state ppid ...`: the name may contain anything; utime and stime are fields 12 and 13 after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch (error) {
    systemCode(error);
    return null;
  }
};
