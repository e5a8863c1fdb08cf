import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { CommandError } from "@nc/cli-scope";
import { initialSettings } from "@nc/container-config";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { attempt } from "@gatehouse/sqlite";
import {
  explainFolder,
  explainKeptFolder,
  folderProblem,
  groupFolder,
  groupFolderRefusal,
  keptGroupFolder,
  type KeptFolderError,
  makeGroupFolder,
  writeClaudeMd,
} from "@gatehouse/group-workspace";
import type { TransactionHooks } from "./transaction-hooks.ts";
import type { ClockAndIds } from "./clock-and-ids.ts";

/** The folders of agent groups, as a part of a transaction. */
export type GroupFolders = {
  /**
   * Creates a new group's folder and returns its path. A rollback removes the folder; a commit writes its
   * CLAUDE.md.
   */
  readonly make: (folder: string) => Promise<Result<string, CommandError>>;
  readonly pathOf: (folder: string) => string;
  /**
   * Takes the folder of a deleted group with its content, and returns its path. A commit writes its
   * CLAUDE.md; a rollback changes nothing.
   */
  readonly attach: (folder: string) => Promise<Result<string, CommandError>>;
  /** Removes the folder and its content after the commit. Reports files that could not be removed. */
  readonly purge: (folder: string) => void;
};

/** Dependencies for creating and removing folders. */
export type FolderDeps = {
  readonly dataDir: string;
  readonly id: ClockAndIds["id"];
  /**
   * Called with files that could not be removed. By then the group is deleted and its command has succeeded.
   */
  readonly report: (error: unknown) => void;
};

export const groupFolders = (
  { dataDir, id: newId, report }: FolderDeps,
  hooks: TransactionHooks,
): GroupFolders => ({
  pathOf: (folder) => groupFolder(dataDir, folder),
  make: async (folder) => {
    const made = await makeGroupFolder(dataDir, folder);
    if (!made.ok) return { ok: false, error: folderError(made.error) };
    hooks.onRollback(() => rmdir(made.value));
    hooks.onCommit(writeInstructions(dataDir, folder));
    return made;
  },
  attach: async (folder) => {
    const kept = await keptGroupFolder(dataDir, folder);
    if (!kept.ok) return { ok: false, error: keptError(kept.error) };
    hooks.onCommit(writeInstructions(dataDir, folder));
    return kept;
  },
  purge: (folder) => {
    // A name from a legacy database may be a path to any place.
    if (folderProblem(folder) !== null) throw new TypeError("This name is not a group's folder");
    const path = groupFolder(dataDir, folder);
    // The folder is renamed first, so that a new group may use the name while the old files are removed.
    const aside = join(purgingFolder(dataDir), newId("purged"));
    hooks.onCommit(async () => {
      const removed = await attempt(async () => {
        await makeFolder(purgingFolder(dataDir), 0o711);
        if (await moveIfThere(path, aside)) await rm(aside, { recursive: true });
      });
      if (!removed.ok) report(new Error(notRemoved(path, removed.error)));
    });
  },
});

/** The folders of a command that is only rehearsed: the same refusals, and no change. */
export const rehearsedFolders = ({ dataDir }: Pick<FolderDeps, "dataDir">): GroupFolders => ({
  pathOf: (folder) => groupFolder(dataDir, folder),
  make: async (folder) => {
    const refusal = await groupFolderRefusal(dataDir, folder);
    return refusal === null
      ? { ok: true, value: groupFolder(dataDir, folder) }
      : { ok: false, error: folderError(refusal) };
  },
  attach: async (folder) => {
    const kept = await keptGroupFolder(dataDir, folder);
    return kept.ok ? kept : { ok: false, error: keptError(kept.error) };
  },
  purge: () => {},
});

/** Writes a group's CLAUDE.md. If that fails, the start of the group's next container writes it. */
const writeInstructions = (dataDir: string, folder: string) => async (): Promise<void> =>
  void (await writeClaudeMd(dataDir, folder, initialSettings));

const folderError = (error: Parameters<typeof explainFolder>[0]): CommandError => {
  const { message, fix } = explainFolder(error);
  const code = error.code === "folder-unusable" ? "handler-error" : "invalid-args";
  const mend = error.code === "folder-left-over" ? `add --attach if it is to have that, or ${fix}` : fix;
  return { code, message: `${message} To fix it: ${mend}.` };
};

const codeOfKept = {
  "folder-not-there": "not-found",
  "folder-not-kept": "invalid-args",
  "folder-unusable": "handler-error",
} as const;

const keptError = (error: KeptFolderError): CommandError => {
  const { message, fix } = explainKeptFolder(error);
  return { code: codeOfKept[error.code], message: `${message} To fix it: ${fix}.` };
};

/** The folder in which folders are removed. Its name is not a valid group folder. */
const purgingFolder = (dataDir: string): string => join(dataDir, "groups", ".purging");

const notRemoved = (path: string, detail: string): string =>
  `${path}, the folder of a deleted group, could not be removed whole (${detail}). Remove it as the account that owns what is in it.`;

/**
 * Removes folders whose removal an earlier host did not finish, because it was killed, or because an agent
 * had made files of another account or an unreadable folder there. Returns a sentence for each folder that
 * remains.
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

/** Renames a folder. False if there is no such folder. */
const moveIfThere = async (path: string, aside: string): Promise<boolean> => {
  try {
    await rename(path, aside);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};
