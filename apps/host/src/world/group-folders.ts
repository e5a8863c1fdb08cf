import { rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { CommandError } from "@nc/cli-scope";
import { initialSettings } from "@nc/container-config";
import { makeFolder, systemCode } from "@trust/preflight/node";
import { explainFolder, folderProblem, groupFolder, makeGroupFolder } from "../group-folder.ts";
import type { Result } from "../result.ts";
import { writeClaudeMd } from "../write-claude-md.ts";
import type { Afterwards } from "./afterwards.ts";
import type { Making } from "./making.ts";

/** The folders of agent groups, as a part of a transaction. */
export type GroupFolders = {
  /** Makes a new group's folder and gives its path; it goes again if the transaction is undone, else gets its CLAUDE.md. */
  readonly make: (folder: string) => Promise<Result<string, CommandError>>;
  readonly pathOf: (folder: string) => string;
  /** Removes it and all that is in it, once the transaction is committed. */
  readonly purge: (folder: string) => void;
};

export const groupFolders = (
  { dataDir, id: newId }: { readonly dataDir: string; readonly id: Making["id"] },
  afterwards: Afterwards,
): GroupFolders => ({
  pathOf: (folder) => groupFolder(dataDir, folder),
  make: async (folder) => {
    const made = await makeGroupFolder(dataDir, folder);
    if (!made.ok) {
      const { message, fix } = explainFolder(made.error);
      const code = made.error.code === "folder-left-over" ? "invalid-args" : "handler-error";
      return { ok: false, error: { code, message: `${message} To mend it: ${fix}.` } };
    }
    afterwards.whenUndone(() => rmdir(made.value));
    // What could not be written is written when a container of the group starts.
    afterwards.whenCommitted(async () => void (await writeClaudeMd(dataDir, folder, initialSettings)));
    return made;
  },
  purge: (folder) => {
    // A name that a legacy database brought along may lead anywhere.
    if (folderProblem(folder) !== null) throw new TypeError("This name is no folder of a group");
    const path = groupFolder(dataDir, folder);
    // Out of the way first: a new group may have the name while the old files are removed.
    const aside = join(purgingFolder(dataDir), newId("purged"));
    afterwards.whenCommitted(async () => {
      await makeFolder(purgingFolder(dataDir), 0o711);
      if (await isMoved(path, aside)) await rm(aside, { recursive: true });
    });
  },
});

/** Where folders are while they are removed. The name is no folder of a group. */
const purgingFolder = (dataDir: string): string => join(dataDir, "groups", ".purging");

/** Removes what a host was removing when it was killed. */
export const finishPurges = (dataDir: string): Promise<void> =>
  rm(purgingFolder(dataDir), { recursive: true, force: true });

/** False where there is no such folder. */
const isMoved = async (path: string, aside: string): Promise<boolean> => {
  try {
    await rename(path, aside);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};
