import { isBusy } from "@gatehouse/sqlite";

/**
 * The message for an exception that is not a bug of the host: another program, such as a backup, holds the
 * database.
 */
export const troubleOf = (error: unknown): string | null =>
  isBusy(error)
    ? "The database is busy: another program has been writing to it for too long. Nothing was changed. End that program, and ask again."
    : null;
