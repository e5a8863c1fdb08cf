import type { Failure } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import type { ServerError } from "./open-server.ts";

const signIn =
  "name the right user and database in the address; the password comes from GATEHOUSE_DATABASE, PGPASSWORD or the file that PGPASSFILE names; the role needs the right to create tables: createdb --owner ROLE NAME";

/** Why a database on a server could not be opened: the problem, the place and the fix. */
export const explainServer = (error: ServerError): Failure => {
  const { code, database } = error;
  switch (code) {
    case "database-unavailable":
      return {
        code,
        message: `The database ${database} cannot be reached (${visible(error.detail)}). Nothing was changed.`,
        fix: "start the server, or correct the address in --database or GATEHOUSE_DATABASE; then run this again",
      };
    case "database-refused":
      return {
        code,
        message: `The database ${database} refuses this program (${visible(error.detail)}).`,
        fix: signIn,
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
    case "newer-schema":
      return {
        code,
        message: `The database ${database} has schema version ${error.found}, and this Gatehouse knows versions up to ${error.known}. Nothing was changed.`,
        fix: "use the Gatehouse that wrote it, or a later one; or bring an older dump back with pg_restore",
      };
  }
};
