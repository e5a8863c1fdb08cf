import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";

/** The error of creating a group's folder. */
export type FolderError =
  /** A file, a link or a folder that is not empty has the path. */
  | { readonly code: "folder-left-over"; readonly path: string }
  | { readonly code: "folder-unusable"; readonly path: string; readonly detail: string };

/** The folder with the folders of all groups. */
export const groupsFolder = (dataDir: string): string => join(dataDir, "groups");

/** The path of a group's folder. */
export const groupFolder = (dataDir: string, folder: string): string => join(groupsFolder(dataDir), folder);

/**
 * Creates the empty folder of a new group, for the owner only. Refuses a folder with files, because the new group would
 * inherit its memory. Accepts an empty folder, which a host leaves if it is killed before it saves the group. Returns the
 * path.
 */
export const makeGroupFolder = async (
  dataDir: string,
  folder: string,
): Promise<Result<string, FolderError>> => {
  const path = groupFolder(dataDir, folder);
  try {
    await makeFolder(groupsFolder(dataDir), 0o711);
    if (await isMade(path)) return { ok: true, value: path };
    const isEmpty = (await lstat(path)).isDirectory() && (await readdir(path)).length === 0;
    return isEmpty ? { ok: true, value: path } : { ok: false, error: { code: "folder-left-over", path } };
  } catch (error) {
    return { ok: false, error: { code: "folder-unusable", path, detail: systemCode(error) } };
  }
};

/** Returns the error that `makeGroupFolder` would return now, or null. Changes nothing. */
export const groupFolderRefusal = async (dataDir: string, folder: string): Promise<FolderError | null> => {
  const path = groupFolder(dataDir, folder);
  try {
    const isEmpty = (await lstat(path)).isDirectory() && (await readdir(path)).length === 0;
    return isEmpty ? null : { code: "folder-left-over", path };
  } catch (error) {
    const detail = systemCode(error);
    return detail === "ENOENT" ? null : { code: "folder-unusable", path, detail };
  }
};

/** Returns false if the path already exists. */
const isMade = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
};

/** Explains why a group's folder was not created, and the fix. */
export const explainFolder = (error: FolderError): { readonly message: string; readonly fix: string } => {
  switch (error.code) {
    case "folder-left-over":
      return {
        message: `${error.path} exists already and is not empty: a new group would inherit its contents.`,
        fix: "name another folder, or move this folder away",
      };
    case "folder-unusable":
      return {
        message: `The folder ${error.path} cannot be created (${error.detail}).`,
        fix: "check the disk, and the owner and rights of the data folder",
      };
  }
};
