import { readFileSync, readdirSync } from "node:fs";
import process from "node:process";
import { isZombie, textOf } from "./process-identity.ts";

/**
 * The processes that were started with this variable, whatever group or session they are in by now: by Linux's
 * /proc, which shows an account the environment of its own processes, and root that of all. Empty elsewhere.
 * One that was started with another environment (`env -i`) is not among them.
 */
export const processesWith = (name: string, value: string): readonly number[] => {
  if (process.platform !== "linux") return [];
  const wanted = `\0${name}=${value}\0`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      if (pid === process.pid) return false;
      const environment = textOf(() => readFileSync(`/proc/${pid}/environ`, "latin1"));
      return environment !== null && `\0${environment}`.includes(wanted) && !isZombie(pid);
    });
};
