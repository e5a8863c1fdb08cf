import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";

/** Why a group cannot have a folder. */
export type FolderError =
  /** Something is there: a file, a link, or a folder with something in it. */
  | { readonly code: "folder-left-over"; readonly path: string }
  | { readonly code: "folder-unusable"; readonly path: string; readonly detail: string };

/** One path segment of letters and digits of any script, no more than 252 bytes: file systems allow 255. */
const folderName = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;

/** The folder of all groups in a nanoclaw folder: no group's own. */
const reserved = "global";

/** Where a group works. */
export const groupFolder = (dataDir: string, folder: string): string => join(dataDir, "groups", folder);

/** What is wrong with a folder's name, as a sentence; null if nothing is. */
export const folderProblem = (folder: string): string | null => {
  if (folder.toLowerCase() === reserved) return `The folder name "${reserved}" is reserved.`;
  const isFit = folderName.test(folder) && !folder.endsWith(".") && folder.normalize("NFC") === folder;
  return isFit
    ? null
    : `${JSON.stringify(folder)} is no name for a group's folder: letters, digits, ".", "_" and "-", a letter or digit first, no "." last, at most 63 of them.`;
};

/** What is wrong with a group's name, as a sentence; null if nothing is. */
export const nameProblem = (name: string): string | null => {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  const isFit = name.trim() === name && /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,100}$/u.test(name);
  return isFit
    ? null
    : `${JSON.stringify(name)} is no name for a group: 1 to 100 characters on one line, no space at either end.`;
};

/**
 * Makes the folder of a new group, empty, for the owner only. One with something in it is refused: its old memory would
 * become the new group's. An empty one is taken: a host that was killed before its group was saved leaves that behind.
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

/** False where something is there. */
const isMade = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
};

/** Why a group got no folder, and what to do. */
export const explainFolder = (error: FolderError): { readonly message: string; readonly fix: string } =>
  error.code === "folder-left-over"
    ? {
        message: `${error.path} is there already, and not empty: a new group would inherit what is in it.`,
        fix: "name another folder, or move this one away",
      }
    : {
        message: `The folder ${error.path} cannot be made (${error.detail}).`,
        fix: "look at the disk, and at the owner and rights of the data folder",
      };
