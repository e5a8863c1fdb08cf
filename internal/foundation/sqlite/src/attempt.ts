import type { Result } from "@gatehouse/std";

/**
 * Codes of environmental failures: full disk, wrong or corrupt file, missing rights; a PostgreSQL server that
 * is away or refuses (@gatehouse/postgres).
 */
const trouble =
  /^E[A-Z0-9]+$|^SQLITE_(NOTADB|CORRUPT|FULL|BUSY|LOCKED|IOERR|READONLY|CANTOPEN|PERM)|^POSTGRES_/;

/** True for an environmental failure: it says nothing about what was to be written. Any other error is a bug. */
export const isTrouble = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && "code" in error && typeof error.code === "string" && trouble.test(error.code);

/**
 * Runs a function. An environmental failure becomes a value (its code and text); any other error is a bug and
 * is rethrown.
 */
export const attempt = async <T>(run: () => T | Promise<T>): Promise<Result<T, string>> => {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (!isTrouble(error)) throw error;
    return { ok: false, error: `${error.code}: ${error.message.replace(`${error.code}: `, "")}` };
  }
};
