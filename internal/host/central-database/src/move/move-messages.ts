import type { Failure } from "@gatehouse/cli-kit";
import { explainOpen } from "../open-messages.ts";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { MoveError, Moved } from "./move-central.ts";

/** Why a central database was not copied: the problem, the place and the fix. */
export const explainMove = (error: MoveError): Failure => {
  switch (error.code) {
    case "nothing-to-move":
      return {
        code: error.code,
        message: `There is no central database to copy at ${error.file}.`,
        fix: "name the data folder of the host with --from",
      };
    case "older-schema":
      return {
        code: error.code,
        message: `The central database ${error.file} has an older schema.`,
        fix: "start the host on it once with gatehouse up, which brings it up to date after a copy; end it; then run this again",
      };
    case "target-not-empty":
      return {
        code: error.code,
        message: `The database ${error.database} has rows already. Nothing was changed.`,
        fix: "name an empty database: createdb NAME",
      };
    case "mark-failed":
      return {
        code: error.code,
        message: `The rows are in ${error.database}, every one compared, but ${error.mark} could not be written (${error.detail}): nothing keeps a host from working on the old file.`,
        fix: "make room on the disk, and make the folder writable; then run this again, which only compares and writes the mark",
      };
    case "row-differs":
      return {
        code: error.code,
        message: `Row ${error.row} of ${error.table} did not arrive in ${error.database} as it was. Nothing was saved there.`,
        fix: "this is a bug; the host goes on working on its file",
      };
    default:
      return explainOpen(error);
  }
};

/** The failure of a move without a target. */
export const noTarget: Failure = {
  code: "no-target",
  message: "Name the database to copy to.",
  fix: "gatehouse database move --to postgresql:///NAME?host=/var/run/postgresql, or name it in GATEHOUSE_DATABASE",
};

/** The result of a move, for a person. */
export const renderMove = ({ rows }: Moved, { shown }: PostgresAddress): string =>
  [
    ...Object.entries(rows).map(([table, count]) => `${table.padEnd(26)} ${count}`),
    `Copied to ${shown}, and every row compared. The file stays as it was.`,
    `Next: GATEHOUSE_DATABASE='${shown}' gatehouse up. From now on name the database in every command: without it, the old file is refused, by the mark gatehouse.db.moved beside it.`,
    "",
  ].join("\n");
