import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** Signals every process of a group. A group that has ended is not an error; Windows has no groups. */
export const signalGroup = (group: number, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void => {
  if (process.platform === "win32") return;
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};
