import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { agentClis, type Environment } from "@trust/preflight";
import { findCli } from "@trust/preflight/node";
import { ownerAt, unsafeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import { installedCli } from "./install-cli.ts";

export type CliChoice = {
  /** A path that the user named. If it is set, no other path is tried. */
  readonly explicit: string | undefined;
  readonly dataDir: string;
  readonly env: Environment;
};

/**
 * Chooses the program to start: the named one, else the data folder's own, else the first on PATH. It takes
 * no program from a data folder that others can write to. Root takes none from a data folder of another
 * account.
 */
export const chooseCli = async ({ explicit, dataDir, env }: CliChoice): Promise<string | null> => {
  if (explicit !== undefined) return resolve(explicit);
  const own = installedCli(dataDir, agentClis.claude);
  if (existsSync(own) && (await isOwn(dataDir))) return own;
  const found = await findCli("claude", { env });
  return found.ok ? found.value : null;
};

const isOwn = async (dataDir: string): Promise<boolean> => {
  const asked = process.geteuid?.();
  try {
    return (
      asked === undefined ||
      ((await ownerAt(dataDir)).uid === asked && (await unsafeFolder(dataDir)) === null)
    );
  } catch (error) {
    systemCode(error);
    return false;
  }
};
