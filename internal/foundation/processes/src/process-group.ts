import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { processTable } from "./table/this-process-table.ts";

/**
 * True if a process of this group still runs. A zombie does not run: if no process waits for orphans (in a
 * container without an init), it stays forever, and signals to it succeed.
 */
export const isGroupRunning = (group: number): boolean => {
  try {
    process.kill(-group, 0);
  } catch (error) {
    // EPERM: all of them belong to another account.
    if (systemCode(error) === "ESRCH") return false;
  }
  const all = processTable.all();
  return all === null || all.some((one) => one.group === group && !one.isZombie);
};
