import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** Kills one process. One that has ended meanwhile is no error. */
export const endProcess = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};
