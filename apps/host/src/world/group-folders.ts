import { rm, rmdir } from "node:fs/promises";
import type { CommandError } from "@nc/cli-scope";
import { explainFolder, folderProblem, groupFolder, makeGroupFolder } from "../group-folder.ts";
import type { Result } from "../result.ts";
import type { Afterwards } from "./afterwards.ts";

/** The folders of agent groups, as a part of a transaction. */
export type GroupFolders = {
  /** Makes a group's folder and gives its path; it goes again if the transaction is undone. */
  readonly make: (folder: string) => Promise<Result<string, CommandError>>;
  readonly pathOf: (folder: string) => string;
  /** Removes it and all that is in it, once the transaction is committed. */
  readonly purge: (folder: string) => void;
};

export const groupFolders = (dataDir: string, afterwards: Afterwards): GroupFolders => ({
  pathOf: (folder) => groupFolder(dataDir, folder),
  make: async (folder) => {
    const made = await makeGroupFolder(dataDir, folder);
    if (!made.ok) {
      const { message, fix } = explainFolder(made.error);
      const code = made.error.code === "folder-left-over" ? "invalid-args" : "handler-error";
      return { ok: false, error: { code, message: `${message} To mend it: ${fix}.` } };
    }
    afterwards.whenUndone(() => rmdir(made.value));
    return made;
  },
  purge: (folder) => {
    // A name that a legacy database brought along may lead anywhere.
    if (folderProblem(folder) !== null) throw new TypeError("This name is no folder of a group");
    afterwards.whenCommitted(() => rm(groupFolder(dataDir, folder), { recursive: true, force: true }));
  },
});
