import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { CommandError } from "@nc/cli-scope";
import { initialSettings } from "@nc/container-config";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { attempt } from "@gatehouse/sqlite";
import {
  explainFolder,
  folderProblem,
  groupFolder,
  makeGroupFolder,
  writeClaudeMd,
} from "@gatehouse/group-workspace";
import type { TransactionHooks } from "./transaction-hooks.ts";
import type { ClockAndIds } from "./clock-and-ids.ts";

/** The folders of agent groups, as a part of a transaction. */
export type GroupFolders = {
  /** Makes a new group's folder and gives its path; it goes again if the transaction is undone, else gets its CLAUDE.md. */
  readonly make: (folder: string) => Promise<Result<string, CommandError>>;
  readonly pathOf: (folder: string) => string;
  /** Removes it and all that is in it, once the transaction is committed; what cannot be removed is reported. */
  readonly purge: (folder: string) => void;
};

/** What folders are made and removed with. */
export type FolderDeps = {
  readonly dataDir: string;
  readonly id: ClockAndIds["id"];
  /** Told what could not be removed: by then the group is gone, and its command has done its work. */
  readonly report: (error: unknown) => void;
};

export const groupFolders = (
  { dataDir, id: newId, report }: FolderDeps,
  hooks: TransactionHooks,
): GroupFolders => ({
  pathOf: (folder) => groupFolder(dataDir, folder),
  make: async (folder) => {
    const made = await makeGroupFolder(dataDir, folder);
    if (!made.ok) {
      const { message, fix } = explainFolder(made.error);
      const code = made.error.code === "folder-left-over" ? "invalid-args" : "handler-error";
      return { ok: false, error: { code, message: `${message} To mend it: ${fix}.` } };
    }
    hooks.onRollback(() => rmdir(made.value));
    // What could not be written is written when a container of the group starts.
    hooks.onCommit(async () => void (await writeClaudeMd(dataDir, folder, initialSettings)));
    return made;
  },
  purge: (folder) => {
    // A name that a legacy database brought along may lead anywhere.
    if (folderProblem(folder) !== null) throw new TypeError("This name is no folder of a group");
    const path = groupFolder(dataDir, folder);
    // Out of the way first: a new group may have the name while the old files are removed.
    const aside = join(purgingFolder(dataDir), newId("purged"));
    hooks.onCommit(async () => {
      const removed = await attempt(async () => {
        await makeFolder(purgingFolder(dataDir), 0o711);
        if (await isMoved(path, aside)) await rm(aside, { recursive: true });
      });
      if (!removed.ok) report(new Error(notRemoved(path, removed.error)));
    });
  },
});

/** Where folders are while they are removed. The name is no folder of a group. */
const purgingFolder = (dataDir: string): string => join(dataDir, "groups", ".purging");

const notRemoved = (path: string, detail: string): string =>
  `${path}, the folder of a deleted group, could not be removed whole (${detail}). Remove it as the account that owns what is in it.`;

/**
 * Removes what a host was removing when it was killed, or could not remove: an agent may have made files there that are
 * another account's, or a folder that nobody may look into. Gives a sentence for each that is still there.
 */
export const finishPurges = async (dataDir: string): Promise<readonly string[]> => {
  const left: string[] = [];
  for (const name of await namesIn(purgingFolder(dataDir))) {
    const path = join(purgingFolder(dataDir), name);
    const removed = await attempt(() => rm(path, { recursive: true, force: true }));
    if (!removed.ok) left.push(notRemoved(path, removed.error));
  }
  return left;
};

const namesIn = async (folder: string): Promise<readonly string[]> => {
  const names = await attempt(() => readdir(folder));
  return names.ok ? names.value : [];
};

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
