import type { Failure } from "@gatehouse/cli-kit";
import { explainOpen } from "./explain-open.ts";
import type { MoveError } from "./move-central.ts";

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
