import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** Signals one process. One that has ended meanwhile is no error. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};
