/** `SQLITE_IOERR_WRITE` is a quota: SQLite names only a full disk. */
const fullCodes: readonly unknown[] = [
  ...["ENOSPC", "EDQUOT"],
  ...["SQLITE_FULL", "SQLITE_IOERR_WRITE", "POSTGRES_FULL"],
];

/** Whether an error, or its cause, is that of a disk or a quota without room, the database's too. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && (hasCode(error) || hasCode(error.cause));

const hasCode = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && fullCodes.includes(error.code);

/** Why a message was not taken. */
export const diskFull = {
  code: "disk-full",
  message: "The host's disk is full, so the message was not taken. Send it again later.",
};
