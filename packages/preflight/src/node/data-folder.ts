import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Environment, Result } from "../index.ts";
import { makeFolder } from "./make-folder.ts";
import { systemCode } from "./system-code.ts";

/** The home folder an environment stands for; the account's own where it says nothing. */
export const homeOf = (env: Environment): string => env["HOME"] || homedir();

/** Where ledgers and locks are kept: what was named, else `GATEHOUSE_DATA`, else `~/.gatehouse`. */
export const dataFolder = (env: Environment, named?: string): string =>
  resolve(named || env["GATEHOUSE_DATA"] || join(homeOf(env), ".gatehouse"));

export const locksFolder = (dataDir: string): string => join(dataDir, "locks");
export const ledgerFile = (dataDir: string): string => join(dataDir, "consents.jsonl");

/** Makes the data folder (0711: others may reach a socket in it, not list it) and its locks (0700) if need be. */
export const prepareDataFolder = async (
  dataDir: string,
): Promise<Result<null, { readonly detail: string }>> => {
  try {
    await makeFolder(dataDir, 0o711);
    await makeFolder(locksFolder(dataDir), 0o700);
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, error: { detail: `${systemCode(error)}: ${dataDir}` } };
  }
};
