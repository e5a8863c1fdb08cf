import type { Failure } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import { explainServer } from "./server-messages.ts";
import type { OpenError } from "./open-central.ts";
import type { ServerError } from "./open-server.ts";

/** Why the central database could not be opened: the problem, the place and the fix. */
export const explainOpen = (error: OpenError | ServerError): Failure => {
  if ("database" in error) return explainServer(error);
  const { code, file } = error;
  switch (code) {
    case "database-unusable":
      return {
        code,
        message: `The central database ${file} cannot be used (${error.detail}).`,
        fix:
          error.fix ??
          "look at the disk, the owner and the rights of the file and its folder; a copy from before the last change of its schema is in backups/ beside it. Before you put a copy in its place, remove gatehouse.db-wal and gatehouse.db-shm too: SQLite would write the old changes in them into the copy",
      };
    case "database-emptied":
      return {
        code,
        message: `There is no central database ${file}, but the data folder has folders of groups: this is no new host. Nothing was changed.`,
        fix: "put a copy of the database in its place, and remove gatehouse.db-wal and gatehouse.db-shm first; to begin anew instead, move groups/ out of the data folder",
      };
    case "not-a-central-database":
      return {
        code,
        message: `${file} is a database of another program: it has no schema_version of ours, and the tables ${error.tables.slice(0, 5).join(", ")}${error.tables.length > 5 ? ", ..." : ""}.`,
        fix: "name another data folder with --data; a nanoclaw folder is brought in with gatehouse import DIR",
      };
    case "newer-schema":
      return {
        code,
        message: `The central database ${file} has schema version ${error.found}, and this Gatehouse knows versions up to ${error.known}. Nothing was changed.`,
        fix: `use the Gatehouse that wrote it, or a later one; or put back a copy of version ${error.known} or older from backups/ beside it, after you removed gatehouse.db, gatehouse.db-wal and gatehouse.db-shm`,
      };
    case "schema-too-old":
      return {
        code,
        message: `The central database ${file} is from a Gatehouse before the first release, and this Gatehouse cannot read it. Nothing was changed.`,
        fix: "use the Gatehouse that wrote it, or name another data folder with --data to begin anew",
      };
    case "changed-by-hand":
      return {
        code,
        message: `The central database ${file} is not as Gatehouse made it: ${error.problems.join(" ")} Nothing was changed.`,
        fix: "take the change back with the program that made it, or put the database of a backup in its place",
      };
    case "migration-failed":
      return {
        code,
        message: `The schema of the central database ${file} was not brought up to date${error.migration === null ? "" : `: migration ${error.migration} failed`} (${visible(error.detail)}). All of it was rolled back, and nothing was changed.`,
        fix:
          error.migration === null
            ? "make room on the disk, which needs the size of the database twice; then run this again"
            : "use the Gatehouse that wrote it, and report this error",
      };
    case "backup-failed":
      return {
        code,
        message: `No copy of ${file} could be made in ${error.folder} (${error.detail}), so its schema was not brought up to date. Nothing was changed.`,
        fix: "make room on the disk, and make the folder writable",
      };
    case "undo-failed":
      return {
        code,
        message: `The copy ${error.copy} was not put in the place of the central database ${file} (${visible(error.detail)}). Nothing was changed.`,
        fix: "make room on the disk, make the folders of both writable, and end programs that have the database open; then run this again",
      };
  }
};
