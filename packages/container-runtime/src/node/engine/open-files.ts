import { readFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** Open files of a container's process, if this machine allows as many. Node and the CLIs need some hundred. */
const wanted = 65_536;

/** The number that works everywhere. */
const least = 1_024;

/**
 * Most open files of a container's process. An engine starts none with more than its own limit, which is mostly that of
 * this process (Podman 4.3.1 without one: `rlimit type 7: operation not permitted`).
 */
export const openFilesOf = (limits: string = limitsOfThisProcess()): number => {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  if (hard === "unlimited") return wanted;
  const number = Number(hard);
  return number > 0 ? Math.min(wanted, number) : least;
};

/** Empty where the system has no such file. */
const limitsOfThisProcess = (): string => {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch (error) {
    systemCode(error);
    return "";
  }
};
