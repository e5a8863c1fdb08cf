import { join } from "node:path";
import { changeKeptFile, readKeptFile } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Mount } from "@nc/container-config";
import type { MountRule } from "@nc/container-config/node";
import {
  allowListText,
  parseAllowList,
  refusalOf,
  withMounts,
  type AllowedFolder,
  type AllowList,
} from "./allow-list.ts";

/** The error of reading or changing the list of allowed folders. */
export type AllowListError =
  | { readonly code: "mounts-unreadable"; readonly file: string; readonly problems: readonly string[] }
  | { readonly code: "mounts-unwritable"; readonly file: string; readonly detail: string };

/** The file of the folders that containers of this machine may mount. It is outside every group's folder. */
export const allowListFileIn = (dataDir: string): string => join(dataDir, "mounts.json");

/** Reads the list; null if there is no file. */
export const readAllowList = async (dataDir: string): Promise<Result<AllowList | null, AllowListError>> => {
  const file = allowListFileIn(dataDir);
  const unreadable = (problems: readonly string[]) =>
    fail({ code: "mounts-unreadable", file, problems } as const);
  const read = await readKeptFile(file);
  if (!read.ok) return unreadable([read.error]);
  if (read.value === null) return ok(null);
  const list = parseAllowList(read.value);
  return list.ok ? list : unreadable(list.error);
};

/** Changes the list under a lock. Writes the file only if the list changes. */
export const changeAllowList = (
  dataDir: string,
  change: (list: AllowList) => AllowList,
): Promise<Result<{ readonly before: AllowList; readonly after: AllowList }, AllowListError>> => {
  const file = allowListFileIn(dataDir);
  return changeKeptFile(
    file,
    async () => {
      const read = await readAllowList(dataDir);
      if (!read.ok) return read;
      const before = read.value ?? noList;
      const after = change(before);
      const text = allowListText(after);
      const isSame = read.value !== null && text === allowListText(before);
      return ok({ value: { before, after }, text: isSame ? null : text });
    },
    (detail): AllowListError => ({ code: "mounts-unwritable", file, detail }),
  );
};

const noList: AllowList = { folders: [], hasGroups: false };

/**
 * Returns the list's rule for mounts with their real paths. An unreadable list allows no mounts. `older`: the mounts that
 * `addMountsOfGroups` will add.
 */
export const mountRuleIn = async (dataDir: string, older: readonly Mount[] = []): Promise<MountRule> => {
  const list = await readAllowList(dataDir);
  if (!list.ok) return () => fail(`may not be mounted: ${explainAllowList(list.error).message}`);
  const { folders, hasGroups } = list.value ?? noList;
  const allowed = hasGroups ? folders : withMounts(folders, older);
  return (mount) => {
    const refusal = refusalOf(allowed, mount);
    return refusal === null ? ok(mount) : fail(refusal);
  };
};

/**
 * Adds the folders of groups' mounts that are older than the list. Does this once for a data folder. Returns the added
 * folders.
 */
export const addMountsOfGroups = async (
  dataDir: string,
  mounts: readonly Mount[],
): Promise<Result<readonly AllowedFolder[], AllowListError>> => {
  const changed = await changeAllowList(dataDir, (list) =>
    list.hasGroups ? list : { folders: withMounts(list.folders, mounts), hasGroups: true },
  );
  if (!changed.ok) return changed;
  const { before, after } = changed.value;
  return ok(after.folders.filter((folder) => !before.folders.includes(folder)));
};

/** Explains an error of the list of allowed folders. */
export const explainAllowList = (
  error: AllowListError,
): { readonly code: AllowListError["code"]; readonly message: string; readonly fix: string } => {
  const { code, file } = error;
  return error.code === "mounts-unreadable"
    ? {
        code,
        message: `The list of folders in ${file} cannot be read: ${error.problems.join("; ")}.`,
        fix: "correct the file, or move it away and allow the folders again: gatehouse mounts allow",
      }
    : {
        code,
        message: `The list of folders in ${file} cannot be written (${error.detail}).`,
        fix: "check the rights of the folder and the disk; nothing was changed",
      };
};
