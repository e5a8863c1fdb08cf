import { lstatSync } from "node:fs";
import type { Connection } from "./connection.ts";
import { inTransaction, whenFree } from "./in-transaction.ts";
import { codeOf, isBusyCode, isDamageCode } from "./trouble.ts";

/** How a file that history makes longer is kept small. */
export type Tidying = {
  /** The file is tidied before a write that finds it this large, and then each time that it has doubled, bytes. */
  readonly fromBytes: number;
  /** A larger file is of no use to the other side. If it is still larger afterwards, it is set aside. Bytes. */
  readonly maxBytes: number;
  /** Deletes what nobody needs any more. */
  readonly work: (db: Connection) => void;
};

/** What `tidier` throws where the file is still too large for the other side. Its message says how large. */
export const tooLargeCode = "SESSION_FILE_TOO_LARGE";

/** Tidies the file where it has grown too large. Another process may be in the way: then the next write does it. */
export const tidier = (file: string, { fromBytes, maxBytes, work }: Tidying) => {
  let from = fromBytes;
  return async (db: Connection, deadline: number): Promise<void> => {
    const before = sizeOf(file);
    if (before < from && before <= maxBytes) return;
    if (before >= from) {
      const isDone = await shrink(db, deadline, work);
      if (isDone === "busy" && before <= maxBytes) return;
      from = Math.max(fromBytes, 2 * sizeOf(file));
    }
    const size = sizeOf(file);
    if (size <= maxBytes) return;
    const message = `it has ${size} bytes, and the host reads ${maxBytes} at most`;
    throw Object.assign(new Error(message), { code: tooLargeCode });
  };
};

const shrink = async (
  db: Connection,
  deadline: number,
  work: (db: Connection) => void,
): Promise<"done" | "busy" | "failed"> => {
  try {
    await inTransaction(db, { mode: "write", deadline }, () => {
      work(db);
      return { ok: true, value: null };
    });
    await whenFree(() => db.exec("vacuum main"), deadline);
    return "done";
  } catch (error) {
    const code = codeOf(error);
    if (isDamageCode(code)) throw error;
    // A full disk has no room for it. The write itself may have.
    return isBusyCode(code) ? "busy" : "failed";
  }
};

const sizeOf = (file: string): number => lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
