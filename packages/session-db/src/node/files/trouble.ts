import type { TransportError, TransportResult } from "../../transport.ts";

export const failed = (code: TransportError["code"], message: string): TransportResult<never> => ({
  ok: false,
  error: { code, message },
});

/** SQLite's or Node's code. An error without one is a bug, and is thrown again. */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) throw error;
  if ("code" in error && typeof error.code === "string") return error.code;
  // libsql 0.5.29 gives no code where it cannot open a file.
  if (error.message.startsWith("ConnectionFailed")) return "SQLITE_CANTOPEN";
  throw error;
};

export const isBusyCode = (code: string): boolean => code.startsWith("SQLITE_BUSY");

/** The file is torn, or was never a database. */
export const isDamageCode = (code: string): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(code);

/** What the system is to blame for: a full disk, missing rights, a missing folder. */
const isTroubleCode = (code: string): boolean =>
  /^SQLITE_(CORRUPT|NOTADB|FULL|IOERR|READONLY|CANTOPEN|PERM|LOCKED)|^E[A-Z0-9]+$/.test(code);

/** The result of a call that failed with it. Any other error is a bug, and is thrown again. */
export const troubleOf = (error: unknown): TransportResult<never> => {
  const code = codeOf(error);
  if (isBusyCode(code)) return failed("busy", "Another process holds the session's file.");
  if (!isTroubleCode(code)) throw error;
  return failed("unwritable", `${code}: ${error instanceof Error ? error.message : ""}`);
};
