import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { SudoersRequest } from "../account/sudoers.ts";

/** The paths of a host's users. Relative ones are below the current folder. */
export type Places = {
  /** users.yaml itself. */
  readonly usersFile: string;
  /** The folder that contains memory/ and history/. */
  readonly dataDir: string;
  /** The host's account: a name or a uid. */
  readonly service: string | number;
  readonly sudoers?: SudoersRequest;
};

/**
 * The same places, absolute and without `.` and `..`, so that a plan and its journal do not depend on the
 * current folder of the next run.
 */
export const absolutePlaces = ({ usersFile, dataDir, service, sudoers }: Places): Places => ({
  usersFile: resolve(usersFile),
  dataDir: resolve(dataDir),
  service,
  ...(sudoers && { sudoers: { ...sudoers, directory: resolve(sudoers.directory) } }),
});

/** The MEMORY.md.example of this package. Keep this file here: in \`dist\` the relative path is the same. */
export const shippedMemory: string = fileURLToPath(new URL("../../MEMORY.md.example", import.meta.url));
