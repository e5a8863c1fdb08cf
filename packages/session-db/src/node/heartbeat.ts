import { constants, closeSync, futimesSync, lstatSync, openSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** When the container last said that it lives, ISO 8601, UTC. A link, a pipe or a folder counts as none. */
export const readHeartbeat = (file: string): string | null => {
  try {
    const there = lstatSync(file, { throwIfNoEntry: false });
    return there?.isFile() === true ? there.mtime.toISOString() : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** Says it. A file that cannot be written is no beat: the host then takes the container for stuck. */
export const writeHeartbeat = (file: string): void => {
  try {
    const { O_CREAT, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const handle = openSync(file, O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o644);
    const now = new Date();
    try {
      futimesSync(handle, now, now);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    systemCode(error);
  }
};
