import { close, constants, openSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens the journal of a transaction that has written; call what it returns when the transaction has ended. SQLite
 * deletes the journal, which is the commit, and then lets go of its lock. A file system frees a file with its last
 * name: ext4 takes 0.1 ms for that, and 2 while others sync, and all that time whoever was told of the commit waits
 * for the lock. A file that somebody has open is freed when it is closed, which nobody waits for here.
 */
export const holdJournal = (file: string): (() => void) => {
  try {
    const fd = openSync(`${file}-journal`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    return () => close(fd, () => undefined);
  } catch (error) {
    // Nothing was written, so there is none. In any other case SQLite says what is wrong.
    systemCode(error);
    return () => undefined;
  }
};
