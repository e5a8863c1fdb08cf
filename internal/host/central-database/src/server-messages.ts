import type { Failure } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import type { PostgresTrouble } from "@gatehouse/postgres";
import type { ServerError } from "./open-server.ts";

/** The fix for each trouble of a server that has its own. */
const fixes: Partial<Record<PostgresTrouble["code"], string>> = {
  POSTGRES_READ_ONLY:
    "name the server that writes, or promote this one (pg_ctl promote); if it is set to read only, set default_transaction_read_only to off; then run this again",
  POSTGRES_CROWDED:
    "a host takes up to 13 connections: raise max_connections of the server, the limit of the role, or the pool's size; or end programs that work there; then run this again",
  POSTGRES_PASSWORD:
    "put the right password into GATEHOUSE_DATABASE, PGPASSWORD or the file that PGPASSFILE names (default ~/.pgpass, mode 0600)",
  POSTGRES_TLS:
    "name the authority of the server's certificate (its file): ?sslmode=verify-full&sslrootcert=FILE; the address has to have the name that is in the certificate. sslmode=no-verify encrypts, and checks no certificate; sslmode=disable does not encrypt",
  POSTGRES_POOLED:
    "name the server itself in the address, or set pool_mode=session for this database in the pooler. A pooler that changes sessions (PgBouncer in transaction mode) cannot be used",
  POSTGRES_ENCODING:
    "make a database that stores all texts: createdb --encoding=UTF8 --template=template0 --owner ROLE NAME; and name it in the address",
};

const signIn =
  "name the right user and database in the address; the password comes from GATEHOUSE_DATABASE, PGPASSWORD or the file that PGPASSFILE names; the role needs the right to create tables: createdb --owner ROLE NAME";

/** Why a database on a server could not be opened: the problem, the place and the fix. */
export const explainServer = (error: ServerError): Failure => {
  const { code, database } = error;
  switch (code) {
    case "database-unavailable":
      return {
        code,
        message: `The database ${database} cannot be ${error.why === "POSTGRES_AWAY" ? "reached" : "used"} (${visible(error.detail)}). Nothing was changed.`,
        fix:
          fixes[error.why] ??
          "start the server, or correct the address in --database or GATEHOUSE_DATABASE; then run this again",
      };
    case "database-refused":
      return {
        code,
        message: `The database ${database} refuses this program (${visible(error.detail)}).`,
        fix: fixes[error.why] ?? signIn,
      };
    case "database-in-use":
      return {
        code,
        message: `Another host works on the database ${database} (${visible(error.detail)}).`,
        fix: "end it, and all others there; or name another database",
      };
    case "database-emptied":
      return {
        code,
        message: `The database ${database} is empty, but the data folder has folders of groups: this is no new host. Nothing was changed.`,
        fix: "bring your dump back with pg_restore; to begin anew instead, move groups/ out of the data folder",
      };
    case "not-a-central-database":
      return {
        code,
        message: `${database} is a database of another program: it has no schema_version of ours, and the tables ${error.tables.slice(0, 5).map(visible).join(", ")}${error.tables.length > 5 ? ", ..." : ""}.`,
        fix: "name an empty database: createdb NAME",
      };
    case "schema-too-old":
      return {
        code,
        message: `The database ${database} is from a Gatehouse before the first release, and this Gatehouse cannot read it. Nothing was changed.`,
        fix: "use the Gatehouse that wrote it, or name an empty database to begin anew: createdb NAME",
      };
    case "changed-by-hand":
      return {
        code,
        message: `The database ${database} is not as Gatehouse made it: ${error.problems.join(" ")} Nothing was changed.`,
        fix: "take the change back with the program that made it, or bring your dump back with pg_restore",
      };
    case "migration-failed":
      return {
        code,
        message: `The schema of the database ${database} was not brought up to date: migration ${error.migration} failed (${visible(error.detail)}). All of it was rolled back, and nothing was changed.`,
        fix: "use the Gatehouse that wrote it, and report this error",
      };
    case "newer-schema":
      return {
        code,
        message: `The database ${database} has schema version ${error.found}, and this Gatehouse knows versions up to ${error.known}. Nothing was changed.`,
        fix: "use the Gatehouse that wrote it, or a later one; or bring an older dump back with pg_restore",
      };
  }
};
