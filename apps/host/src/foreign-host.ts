import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { printFailure, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { shellWord, systemCode } from "@gatehouse/std";

/**
 * Returns the error for a data folder of another account; null for root, for the folder's owner, and for a missing folder.
 * `asked` is the uid to check.
 */
export const foreignHost = async (
  dataDir: string,
  asked: number | undefined = process.geteuid?.(),
): Promise<Failure | null> => {
  if (asked === undefined || asked === 0) return null;
  const owner = await ownerOf(dataDir);
  if (owner === null || owner === asked) return null;
  const name = await nameOf(owner);
  return {
    code: "another-accounts-host",
    message: `The host of ${dataDir} is run by ${name}, and you are ${await nameOf(asked)}.`,
    fix: `run it as ${name}: ${owner === 0 ? "sudo" : `sudo -u ${shellWord(name)}`} ...; or name a data folder of your own with --data DIR`,
  };
};

/** Runs `act`. If another account owns the host, prints the error and returns 1 instead. */
export const onOwnHost = async (
  { data, json = false }: { readonly data?: string; readonly json?: boolean },
  io: Io,
  act: () => Promise<number>,
): Promise<number> => {
  const foreign = await foreignHost(dataFolder(io.env, data));
  if (foreign === null) return act();
  printFailure(io, json, foreign);
  return 1;
};

const ownerOf = async (folder: string): Promise<number | null> => {
  try {
    return (await stat(folder)).uid;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** Returns the name of an account, or its uid if it has no name. */
const nameOf = async (uid: number): Promise<string> => {
  try {
    return (await promisify(execFile)("id", ["-nu", String(uid)])).stdout.trim() || `uid ${uid}`;
  } catch (error) {
    // id(1) exits with 1 for a uid without a name; some machines have no id(1).
    if (!(error instanceof Error)) throw error;
    return `uid ${uid}`;
  }
};
