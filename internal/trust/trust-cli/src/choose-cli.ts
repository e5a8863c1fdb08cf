import { resolve } from "node:path";
import type { Environment } from "@trust/preflight";
import { findCli } from "@trust/preflight/node";
import { cliHomes } from "@gatehouse/fs-kit";
import { namedOrOwnClis } from "./own-cli.ts";

export type CliChoice = {
  /** A path that the user named. If it is set, no other path is tried. */
  readonly explicit: string | undefined;
  readonly dataDir: string;
  readonly env: Environment;
};

/** Chooses the program to start: the named one, else our own copy, else the first on PATH. */
export const chooseCli = async ({ explicit, dataDir, env }: CliChoice): Promise<string | null> => {
  if (explicit !== undefined) return resolve(explicit);
  const { claude } = await namedOrOwnClis({}, cliHomes(env, dataDir), ["claude"]);
  if (claude !== undefined) return claude;
  const found = await findCli("claude", { env });
  return found.ok ? found.value : null;
};
