import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Environment, type Result, systemCode } from "@gatehouse/std";
import { explainUnsafe, type UnsafePlace } from "./unsafe-place.ts";
import { makeFolder } from "./make-folder.ts";
import { unsafeFolder } from "./unsafe-folder.ts";

/** The home folder: `HOME` of the environment, or the account's own home if that is not set. */
export const homeOf = (env: Environment): string => env["HOME"] || homedir();

/**
 * The folder for the ledger and all data of a host: the named one, else `GATEHOUSE_DATA`, else
 * `~/.gatehouse`.
 */
export const dataFolder = (env: Environment, named?: string): string =>
  resolve(named || env["GATEHOUSE_DATA"] || join(homeOf(env), ".gatehouse"));

/**
 * The folders that may have CLIs that we fetched, in the order of the search: a host's data folder, and the account's own, where
 * the first commands of a newcomer put them.
 */
export const cliHomes = (env: Environment, dataDir: string): readonly string[] => [
  ...new Set([dataDir, ...(env["HOME"] ? [join(env["HOME"], ".gatehouse")] : [])]),
];

export const ledgerFile = (dataDir: string): string => join(dataDir, "consents.jsonl");

/** The reason why the data folder is refused. `detail` is for a person. */
export type DataFolderProblem =
  | { readonly code: "unsafe"; readonly place: UnsafePlace; readonly detail: string }
  | { readonly code: "unusable"; readonly detail: string };

/**
 * Makes the data folder if it is missing (0711: other accounts may reach a socket in it, but not list it).
 * Refuses a folder that belongs to another account, or that other accounts can write to or replace: they
 * could plant files that this account then writes. Root acts for the owner.
 */
export const prepareDataFolder = async (dataDir: string): Promise<Result<null, DataFolderProblem>> => {
  try {
    const place = await madeSafely(dataDir);
    if (place === null) return { ok: true, value: null };
    return { ok: false, error: { code: "unsafe", place, detail: explainUnsafe(place) } };
  } catch (error) {
    const code = systemCode(error);
    const what = code === "EEXIST" ? `${dataDir} is no folder` : dataDir;
    return { ok: false, error: { code: "unusable", detail: `${code}: ${what}` } };
  }
};

/** Makes the folder. Makes nothing if the path to the folder is refused. */
const madeSafely = async (dataDir: string): Promise<UnsafePlace | null> => {
  const before = await unsafeFolder(dataDir);
  if (before !== null && before.code !== "not-a-folder") return before;
  await makeFolder(dataDir, 0o711);
  return unsafeFolder(dataDir);
};
