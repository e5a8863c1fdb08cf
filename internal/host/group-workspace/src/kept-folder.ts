import { lstat } from "node:fs/promises";
import { systemCode, type Result } from "@gatehouse/std";
import { explainFolder, groupFolder, type FolderError } from "./group-folder.ts";

/** The error of attaching a deleted group's folder to a new group. */
export type KeptFolderError =
  | { readonly code: "folder-not-there"; readonly path: string }
  /** The path is a file or a link. */
  | { readonly code: "folder-not-kept"; readonly path: string }
  | Extract<FolderError, { readonly code: "folder-unusable" }>;

/** Finds the folder of a deleted group, for a new group that gets the folder with its contents. Changes nothing. */
export const keptGroupFolder = async (
  dataDir: string,
  folder: string,
): Promise<Result<string, KeptFolderError>> => {
  const path = groupFolder(dataDir, folder);
  const refused = (error: KeptFolderError): Result<never, KeptFolderError> => ({ ok: false, error });
  try {
    if ((await lstat(path)).isDirectory()) return { ok: true, value: path };
    return refused({ code: "folder-not-kept", path });
  } catch (error) {
    const detail = systemCode(error);
    if (detail === "ENOENT") return refused({ code: "folder-not-there", path });
    return refused({ code: "folder-unusable", path, detail });
  }
};

/** Explains why a kept folder was not attached, and the fix. */
export const explainKeptFolder = (
  error: KeptFolderError,
): { readonly message: string; readonly fix: string } => {
  const fix = "name the folder of a deleted group, or omit --attach";
  switch (error.code) {
    case "folder-not-there":
      return { message: `There is no folder ${error.path} of a deleted group.`, fix };
    case "folder-not-kept":
      return { message: `${error.path} is not a deleted group's folder: it is a file or a link.`, fix };
    case "folder-unusable":
      return explainFolder(error);
  }
};
