import { close, constants, openSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens the journal of a transaction; call what it returns when the transaction has ended. Null where
 * nothing was written, so that there is none. SQLite deletes the journal, which is the commit, and then
 * lets go of its lock. A file system frees a file with its last name: ext4 takes 0.1 ms for that, and 2
 * while others sync, and all that time the other side waits. A file that somebody has open is freed when
 * it is closed, which nobody waits for here.
 */
export const holdJournal = (file: string): (() => void) | null => {
  try {
    const fd = openSync(`${file}-journal`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    return () => close(fd, () => undefined);
  } catch (error) {
    // In any other case SQLite says what is wrong.
    return systemCode(error) === "ENOENT" ? null : () => undefined;
  }
};
