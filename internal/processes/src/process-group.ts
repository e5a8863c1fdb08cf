import { readdirSync } from "node:fs";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { statOf } from "./process-identity.ts";

/**
 * Whether a process of this group still runs. A zombie does not run: where nobody waits for orphans (a
 * container without an init), it stays for ever, and a signal to it succeeds.
 */
export const isGroupRunning = (group: number): boolean => {
  try {
    process.kill(-group, 0);
  } catch (error) {
    // EPERM: all of them belong to another account.
    if (systemCode(error) === "ESRCH") return false;
  }
  return process.platform !== "linux" || membersOf(group).length > 0;
};

/** The processes of a group that run, by Linux's /proc. */
const membersOf = (group: number): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [state = "Z", , inGroup] = statOf(pid) ?? [];
      return inGroup === String(group) && !/^[ZX]$/.test(state);
    });
