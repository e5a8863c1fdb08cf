import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Environment, type Result, systemCode } from "@gatehouse/std";
import { explainUnsafe, type UnsafePlace } from "./unsafe-place.ts";
import { makeFolder } from "./make-folder.ts";
import { unsafeFolder } from "./unsafe-folder.ts";

/** The home folder an environment stands for; the account's own where it says nothing. */
export const homeOf = (env: Environment): string => env["HOME"] || homedir();

/** Where the ledger is kept, and all that a host has: what was named, else `GATEHOUSE_DATA`, else `~/.gatehouse`. */
export const dataFolder = (env: Environment, named?: string): string =>
  resolve(named || env["GATEHOUSE_DATA"] || join(homeOf(env), ".gatehouse"));

export const ledgerFile = (dataDir: string): string => join(dataDir, "consents.jsonl");

/** Why nothing is written in a data folder. `detail` is for a person. */
export type DataFolderProblem =
  | { readonly code: "unsafe"; readonly place: UnsafePlace; readonly detail: string }
  | { readonly code: "unusable"; readonly detail: string };

/**
 * Makes the data folder (0711: others may reach a socket in it, not list it) if need be. One of another account, or that
 * others may write or exchange, is refused: they could put files there for this account to write. Root acts for the owner.
 */
export const prepareDataFolder = async (dataDir: string): Promise<Result<null, DataFolderProblem>> => {
  try {
    const place = await madeSafely(dataDir);
    if (place === null) return { ok: true, value: null };
    return { ok: false, error: { code: "unsafe", place, detail: explainUnsafe(place) } };
  } catch (error) {
    return { ok: false, error: { code: "unusable", detail: `${systemCode(error)}: ${dataDir}` } };
  }
};

/** Nothing is made where the way there is refused. */
const madeSafely = async (dataDir: string): Promise<UnsafePlace | null> => {
  const before = await unsafeFolder(dataDir);
  if (before !== null && before.code !== "not-a-folder") return before;
  await makeFolder(dataDir, 0o711);
  return unsafeFolder(dataDir);
};
