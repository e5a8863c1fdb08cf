import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** Signals one process. It is not an error if it has ended meanwhile. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};
