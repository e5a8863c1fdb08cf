import { Buffer } from "node:buffer";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/**
 * The last bytes of a journal that belongs to a super-journal: the name of the super-journal precedes them.
 */
const endOfName = Buffer.from("d9d505f920a163d7", "hex");

/**
 * True if a journal names the super-journal of a transaction over several files. SQLite reads the file of
 * that name and may delete it: if another program wrote the name, it could be any file of ours. Call it only
 * for a regular file that no other program changes.
 */
export const namesAnother = (journal: string): boolean => {
  if (!existsSync(journal)) return false;
  const fd = openSync(journal, "r");
  try {
    const end = Buffer.alloc(endOfName.length);
    const from = fstatSync(fd).size - end.length;
    return from >= 0 && readSync(fd, end, 0, end.length, from) === end.length && end.equals(endOfName);
  } finally {
    closeSync(fd);
  }
};
