import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { closedFolder, dataFolder } from "@gatehouse/fs-kit";
import { fail, shellWord, type Result } from "@gatehouse/std";
import { actForOwner } from "./act-for-owner.ts";
import { accountOf, noteAct, type Act } from "./noted-acts.ts";

/**
 * The outcome of a command: a document for `--json`, a text for people, and the change for the log of decisions, if the
 * command changed something.
 */
export type FolderOutcome = { readonly document: object; readonly text: string; readonly act?: Act };

/**
 * Runs a command that changes the data folder as the folder's owner, and prints its outcome or failure. Returns the exit
 * code: 0, 1, or 130 if the person cancelled.
 */
export const runInFolder = async (
  { data, json: isJson = false }: { readonly data?: string; readonly json?: boolean },
  io: Io,
  work: (dataDir: string) => Promise<Result<FolderOutcome, Failure>>,
): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const account = accountOf(io.env);
  const closed = closedFolder(dataDir, noFolder(dataDir, data));
  const acting = closed === null ? await actForOwner(dataDir) : fail(closed);
  const worked = acting.ok ? await work(dataDir) : acting;
  if (!worked.ok) {
    printFailure(io, isJson, worked.error);
    return worked.error.code === "cancelled" ? 130 : 1;
  }
  const { act } = worked.value;
  const untold = act === undefined ? null : await noteAct(dataDir, account, act);
  if (untold !== null) io.stderr.write(`warning: ${untold}\n`);
  if (isJson) printJson(io, { ok: true, ...worked.value.document });
  else io.stdout.write(`${worked.value.text}\n`);
  return 0;
};

const noFolder = (dataDir: string, data: string | undefined): Failure => ({
  code: "no-data-folder",
  message: `There is no data folder at ${dataDir}.`,
  fix: `gatehouse init${data === undefined ? "" : ` --data ${shellWord(dataDir)}`} creates it`,
});
