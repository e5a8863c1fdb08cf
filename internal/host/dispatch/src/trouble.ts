import { isBusy } from "@gatehouse/sqlite";
import { postgresTrouble } from "@gatehouse/postgres";

/**
 * The message for an exception that is not a bug of the host: another program, such as a backup, locks the
 * database; the database's server is unreachable; or another host leases the session. Null for any other
 * error.
 */
export const troubleOf = (error: unknown): string | null => {
  if (isBusy(error)) return busy;
  if (isFenced(error)) return `${error.message} Nothing was changed.`;
  const trouble = postgresTrouble(error);
  if (trouble === null) return null;
  switch (trouble.code) {
    case "POSTGRES_BUSY":
      return busy;
    case "POSTGRES_AWAY":
      return `The database's server could not be reached (${trouble.message}). Nothing was changed. Ask again; gatehouse doctor says more.`;
    case "POSTGRES_READ_ONLY":
      return `The database only reads now (${trouble.message}). Nothing was changed. Ask again when it writes; gatehouse doctor says more.`;
    case "POSTGRES_CROWDED":
      return `The database's server has no free connection (${trouble.message}). Nothing was changed. Ask again; gatehouse doctor says more.`;
    case "POSTGRES_TAKEN":
      return `Another host works on this host's database now (${trouble.message}). Nothing was changed. End one of the two hosts.`;
    case "POSTGRES_REFUSED":
    case "POSTGRES_PASSWORD":
    case "POSTGRES_TLS":
    case "POSTGRES_POOLED":
    case "POSTGRES_ENCODING":
      return `The database's server refuses this host (${trouble.message}). Nothing was changed. gatehouse doctor says more.`;
    case "POSTGRES_FULL":
      return `The database's server cannot save (${trouble.message}). Nothing was changed. Make room there, and ask again.`;
    case "POSTGRES_UNSURE":
      return "The database's server went away while this was being saved: it may have been done or not. Look before you ask again.";
  }
};

/** The error for a command of an agent whose session another host has leased since. */
export const fencedError = (message: string): Error => Object.assign(new Error(message), { code: "FENCED" });

const isFenced = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && error.code === "FENCED";

const busy =
  "The database is busy: another program has been writing to it for too long. Nothing was changed. End that program, and ask again.";
