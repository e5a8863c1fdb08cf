import { Buffer } from "node:buffer";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/** The last bytes of a journal that is one of several: the name of their common one is before them. */
const endOfName = Buffer.from("d9d505f920a163d7", "hex");

/**
 * Whether a journal names the journal of a transaction over several files. SQLite reads the file of that name,
 * and may delete it: any file of ours, if somebody else wrote the name. For a plain file that nobody changes.
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
