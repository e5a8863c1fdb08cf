import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** The processes that work in a folder or below it, by Linux's /proc; none elsewhere. */
export const workingIn = (folder: string): readonly number[] =>
  existsSync("/proc")
    ? readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name) && isBelow(cwdOf(name), folder))
        .map(Number)
    : [];

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Empty if the process has ended meanwhile, or belongs to another account. */
const cwdOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    systemCode(error);
    return "";
  }
};
