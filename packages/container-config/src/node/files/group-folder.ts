import { realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import type { GroupFileError } from "../../group-file-error.ts";
import { type Result, systemCode } from "@gatehouse/std";

/** Where the groups' folders are, and the name of one of them. */
export type GroupPlace = { readonly groupsDir: string; readonly folder: string };

/** The real path of a group's folder. It is right in the groups folder: no name and no link leads out of it. */
export const findGroupFolder = async ({
  groupsDir,
  folder,
}: GroupPlace): Promise<Result<string, GroupFileError>> => {
  const refused = (detail: string) =>
    ({ ok: false, error: { code: "not-a-group-folder", folder, detail } }) as const;
  if (!isOneName(folder)) return refused("EINVAL");
  try {
    const [groups, real] = [await realpath(groupsDir), await realpath(join(groupsDir, folder))];
    return real === join(groups, folder) ? { ok: true, value: real } : refused("ELOOP");
  } catch (error) {
    return refused(systemCode(error));
  }
};

const isOneName = (folder: string): boolean =>
  folder !== "" && folder !== "." && folder !== ".." && basename(folder) === folder && !folder.includes("\0");
