import { resolve } from "node:path";
import process from "node:process";
import type { SudoersRequest } from "../account/sudoers.ts";

/** The paths of a host's users. Relative ones are below `base`. */
export type Places = {
  /** users.yaml itself. */
  readonly usersFile: string;
  /** The folder that contains memory/ and history/. */
  readonly dataDir: string;
  /** The host's account: a name or a uid. */
  readonly service: string | number;
  readonly sudoers?: SudoersRequest;
  /** The folder from which relative paths lead, also those of answers. The default is the current folder. */
  readonly base?: string;
};

/**
 * The same places, absolute and without `.` and `..`, so that a plan and its journal do not depend on the
 * current folder of the next run.
 */
export const absolutePlaces = (places: Places): Places & { readonly base: string } => {
  const base = resolve(places.base ?? process.cwd());
  const { usersFile, dataDir, sudoers } = places;
  return {
    ...places,
    base,
    usersFile: resolve(base, usersFile),
    dataDir: resolve(base, dataDir),
    ...(sudoers === undefined
      ? {}
      : { sudoers: { ...sudoers, directory: resolve(base, sudoers.directory) } }),
  };
};
