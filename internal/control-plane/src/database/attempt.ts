import type { Result } from "@gatehouse/std";

/** What the system or SQLite says that no change of ours would mend: a full disk, a file of another kind, a torn one. */
const trouble = /^E[A-Z0-9]+$|^SQLITE_(NOTADB|CORRUPT|FULL|BUSY|LOCKED|IOERR|READONLY|CANTOPEN|PERM)/;

/** Runs it; trouble with files or the database is a value (its code and text), and all else is thrown on as the bug it is. */
export const attempt = async <T>(run: () => T | Promise<T>): Promise<Result<T, string>> => {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (typeof error.code !== "string" || !trouble.test(error.code)) throw error;
    return { ok: false, error: `${error.code}: ${error.message.replace(`${error.code}: `, "")}` };
  }
};
