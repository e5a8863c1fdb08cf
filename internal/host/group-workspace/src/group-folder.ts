import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";

/** The reason why a group's folder cannot be created. */
export type FolderError =
  /** The path is taken: by a file, a link, or a folder that is not empty. */
  | { readonly code: "folder-left-over"; readonly path: string }
  | { readonly code: "folder-unusable"; readonly path: string; readonly detail: string };

/** The path of a group's folder. */
export const groupFolder = (dataDir: string, folder: string): string => join(dataDir, "groups", folder);

/**
 * Creates the empty folder of a new group, for the owner only. A folder with files is refused, because the new
 * group would inherit its memory. An empty folder is accepted: a host that was killed before it saved the group
 * leaves one behind. Returns the path.
 */
export const makeGroupFolder = async (
  dataDir: string,
  folder: string,
): Promise<Result<string, FolderError>> => {
  const path = groupFolder(dataDir, folder);
  try {
    await makeFolder(join(dataDir, "groups"), 0o711);
    if (await isMade(path)) return { ok: true, value: path };
    const isEmpty = (await lstat(path)).isDirectory() && (await readdir(path)).length === 0;
    return isEmpty ? { ok: true, value: path } : { ok: false, error: { code: "folder-left-over", path } };
  } catch (error) {
    return { ok: false, error: { code: "folder-unusable", path, detail: systemCode(error) } };
  }
};

/** The error that `makeGroupFolder` would return now; null if it would succeed. It changes nothing. */
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
        fix: "name another folder, or move this one away",
      };
    case "folder-unusable":
      return {
        message: `The folder ${error.path} cannot be made (${error.detail}).`,
        fix: "check the disk, and the owner and rights of the data folder",
      };
  }
};
