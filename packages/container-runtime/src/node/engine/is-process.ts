import process from "node:process";
import { processTable } from "@gatehouse/processes";

/**
 * Whether a process of this number runs. A zombie does not: nobody may be there to take its end, if a container's monitor
 * was killed. True where nobody can know it: an engine may run in a machine of its own.
 */
export const isProcess = (pid: number): boolean =>
  process.platform !== "linux" || pid === 0 || processTable.find(pid)?.isZombie === false;
