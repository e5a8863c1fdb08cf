import { closeSync, openSync, readSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { type ProcessRecord, stateOf } from "./process-record.ts";

/** A process that another program started, to check often whether it still runs. */
export type ProcessHandle = {
  /** False once it has ended, and after `close`. */
  readonly isRunning: () => boolean;
  readonly close: () => void;
};

/** Enough bytes of `stat` for the state: the number, the name (at most 64 bytes), the state. */
const headBytes = 128;

/**
 * Holds the running process of a record. On Linux its `stat` stays open: the kernel ties an open file of
 * /proc to the process and not to its number, so it never shows a later process with that number, and a check
 * takes 2 microseconds. Other systems check by number.
 */
export const holdProcess = (record: ProcessRecord): ProcessHandle => {
  let fd = statFile(record.process.pid);
  // The opened file may belong to a later process with the number, so check after opening it.
  let isOver = stateOf(record) !== "running";
  const head = Buffer.alloc(headBytes);
  const close = (): void => {
    isOver = true;
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  const check = (): boolean => (fd === null ? stateOf(record) === "running" : isAlive(fd, head));
  return {
    isRunning: () => {
      if (!isOver) isOver = !check();
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
