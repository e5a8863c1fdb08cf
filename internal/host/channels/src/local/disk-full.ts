/** `SQLITE_IOERR_WRITE` is an exceeded quota: SQLite has its own code only for a full disk. */
const fullCodes: readonly unknown[] = [
  ...["ENOSPC", "EDQUOT"],
  ...["SQLITE_FULL", "SQLITE_IOERR_WRITE", "POSTGRES_FULL"],
];

/** True if an error or its cause is a full disk or quota, also of the database. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && (hasCode(error) || hasCode(error.cause));

const hasCode = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && fullCodes.includes(error.code);

/** The reason why a message was not stored. */
export const diskFull = {
  code: "disk-full",
  message: "The host's disk is full, so the message was not taken. Send it again later.",
};
