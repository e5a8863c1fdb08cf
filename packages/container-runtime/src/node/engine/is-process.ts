import process from "node:process";
import { processTable } from "@gatehouse/processes";

/**
 * True if a process of this number runs. A zombie does not run; a killed monitor of a container leaves one for good.
 * Also true off Linux and for number 0: the engine may run in a machine of its own, so the answer is not known.
 */
export const isProcess = (pid: number): boolean =>
  process.platform !== "linux" || pid === 0 || processTable.find(pid)?.isZombie === false;
