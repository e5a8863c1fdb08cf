import type { Result } from "@gatehouse/std";

/**
 * Codes of environmental failures: full disk, wrong or corrupt file, missing rights; a PostgreSQL server that
 * is away or refuses (@gatehouse/postgres).
 */
const trouble =
  /^E[A-Z0-9]+$|^SQLITE_(NOTADB|CORRUPT|FULL|BUSY|LOCKED|IOERR|READONLY|CANTOPEN|PERM)|^POSTGRES_/;

/**
 * Runs a function. An environmental failure becomes a value (its code and text); any other error is a bug and
 * is rethrown.
 */
export const attempt = async <T>(run: () => T | Promise<T>): Promise<Result<T, string>> => {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (typeof error.code !== "string" || !trouble.test(error.code)) throw error;
    return { ok: false, error: `${error.code}: ${error.message.replace(`${error.code}: `, "")}` };
  }
};
