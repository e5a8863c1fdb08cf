import { realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import type { GroupFileError } from "../../config-error.ts";
import { type Result, systemCode } from "@gatehouse/std";

/** The folder of all groups, and the name of one group's folder in it. */
export type GroupPlace = { readonly groupsDir: string; readonly folder: string };

/**
 * The real path of a group's folder. Refuses a folder that is not directly in the groups folder, also through
 * a link.
 */
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
