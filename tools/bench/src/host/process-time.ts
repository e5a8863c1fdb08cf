import { readFileSync, readdirSync } from "node:fs";

/** A tick of /proc, ms: 100 a second on every Linux. */
const tickMs = 10;

type Stat = { readonly parent: number; readonly group: number; readonly cpuMs: number };

const statOf = (pid: number): Stat | null => {
  try {
    // The fields after the name, which may contain spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const [parent, group, user, system] = [1, 2, 11, 12].map((index) => Number(fields[index]));
    return { parent: parent ?? 0, group: group ?? 0, cpuMs: tickMs * ((user ?? 0) + (system ?? 0)) };
  } catch {
    return null;
  }
};

/** CPU that a process has used, ms. */
export const cpuMsOf = (pid: number): number => statOf(pid)?.cpuMs ?? 0;

/** Processes below this one: helpers are in its own process group, containers in other groups. */
export const childrenOf = (pid: number): { readonly helpers: number[]; readonly containers: number[] } => {
  const own = statOf(pid)?.group;
  const below = readdirSync("/proc")
    .map(Number)
    .filter((each) => Number.isInteger(each) && statOf(each)?.parent === pid);
  return {
    helpers: below.filter((each) => statOf(each)?.group === own),
    containers: below.filter((each) => statOf(each)?.group !== own),
  };
};
