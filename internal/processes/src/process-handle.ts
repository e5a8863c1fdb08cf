import { closeSync, openSync, readSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { type ProcessRecord, stateOf } from "./process-record.ts";

/** A process of somebody else, to be asked often whether it still runs. */
export type ProcessHandle = {
  /** False once it has ended, and after `close`. */
  readonly isRunning: () => boolean;
  readonly close: () => void;
};

/** Enough of `stat` for its state: the number, the name (at most 64 bytes), the state. */
const headBytes = 128;

/**
 * Holds the process of a record that runs. On Linux its `stat` stays open: the kernel ties an open file of
 * /proc to the process and not to its number, so a later process with that number is never taken for it, and
 * asking takes 2 microseconds. Elsewhere its number has to do.
 */
export const holdProcess = (record: ProcessRecord): ProcessHandle => {
  let fd = statFile(record.process.pid);
  // What was opened may be a later process with the number, so look once it is open.
  let isOver = stateOf(record) !== "running";
  const head = Buffer.alloc(headBytes);
  const close = (): void => {
    isOver = true;
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  const look = (): boolean => (fd === null ? stateOf(record) === "running" : isAlive(fd, head));
  return {
    isRunning: () => {
      if (!isOver) isOver = !look();
      return !isOver;
    },
    close,
  };
};

const statFile = (pid: number): number | null => {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const isAlive = (fd: number, head: Buffer): boolean => {
  try {
    const text = head.toString("latin1", 0, readSync(fd, head, 0, headBytes, 0));
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(")") + 2));
  } catch (error) {
    // ESRCH: it has ended, and its parent has waited for it.
    if (systemCode(error) !== "ESRCH") throw error;
    return false;
  }
};
