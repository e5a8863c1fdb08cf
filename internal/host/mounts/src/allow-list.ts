import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { Mount } from "@nc/container-config";
import * as z from "zod";

/** The rights of containers in a folder and below it. The entry of the deepest folder has effect. */
export type Access = "read" | "write" | "none";

/** A folder of the list, by its absolute real path. */
export type AllowedFolder = { readonly path: string; readonly access: Access };

/** The list of allowed folders of a machine. */
export type AllowList = {
  readonly folders: readonly AllowedFolder[];
  /** True after a host has added the folders of groups' mounts that are older than the list. */
  readonly hasGroups: boolean;
};

const schema = z.strictObject({
  v: z.literal(1),
  hasGroups: z.boolean(),
  folders: z.array(
    z.strictObject({
      path: z.string().regex(/^\/(?:.*[^/])?$/, "is not absolute, or ends with /"),
      access: z.enum(["read", "write", "none"]),
    }),
  ),
});

/** Reads the text of a list. The error lists all problems. */
export const parseAllowList = (text: string): Result<AllowList, readonly string[]> => {
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success
    ? ok({ folders: parsed.data.folders, hasGroups: parsed.data.hasGroups })
    : fail(parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the list"}: ${message}`));
};

/** Returns the file's text for a list, ordered by path. */
export const allowListText = ({ folders, hasGroups }: AllowList): string => {
  const ordered = folders.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return `${JSON.stringify({ v: 1, hasGroups, folders: ordered }, null, 2)}\n`;
};

/**
 * Allows the folders of groups' mounts. Keeps the list's existing entries. Adds no entry for a read-only mount in a writable
 * folder, because the entry would forbid writing there.
 */
export const withMounts = (
  folders: readonly AllowedFolder[],
  mounts: readonly Pick<Mount, "hostPath" | "readonly">[],
): readonly AllowedFolder[] => {
  const isReadOnly = ({ readonly = true }: Pick<Mount, "readonly">): boolean => readonly;
  const writtenFirst = mounts.toSorted((one, other) => Number(isReadOnly(one)) - Number(isReadOnly(other)));
  let all = folders;
  for (const mount of writtenFirst) {
    const hasEntry = folders.some(({ path }) => isIn(mount.hostPath, path));
    if (hasEntry || refusalOf(all, mount) === null) continue;
    all = withFolder(all, { path: mount.hostPath, access: isReadOnly(mount) ? "read" : "write" });
  }
  return all;
};

/** Replaces the entry of a folder. Keeps the entries of folders inside it. */
export const withFolder = (
  folders: readonly AllowedFolder[],
  folder: AllowedFolder,
): readonly AllowedFolder[] => [...without(folders, folder.path), folder];

/** Removes the entry of a folder. Adds a denying entry if the folder is inside an allowed one. */
export const withDenied = (folders: readonly AllowedFolder[], path: string): readonly AllowedFolder[] => {
  const others = without(folders, path);
  return accessOf(others, path) === "none" ? others : [...others, { path, access: "none" }];
};

const without = (folders: readonly AllowedFolder[], path: string): readonly AllowedFolder[] =>
  folders.filter((each) => each.path !== path);

/**
 * Returns the reason why the list refuses a mount, or null. The mount's host path is a real path. A mount shows everything
 * in its folder, so no folder inside it may be denied.
 */
export const refusalOf = (
  folders: readonly AllowedFolder[],
  { hostPath, readonly: isReadOnly = true }: Pick<Mount, "hostPath" | "readonly">,
): string | null => {
  const access = accessOf(folders, hostPath);
  if (access === "none")
    return `is not in a folder that may be mounted on this machine; to allow it: gatehouse mounts allow ${hostPath}`;
  if (!isReadOnly && access === "read")
    return `may be mounted read-only; to allow more: gatehouse mounts allow ${hostPath} --rw`;
  const inner = folders.find(
    (each) =>
      isIn(each.path, hostPath) && (each.access === "none" || (!isReadOnly && each.access === "read")),
  );
  if (inner === undefined) return null;
  const what = inner.access === "none" ? "which may not be mounted" : "which may be mounted read-only";
  return `contains ${inner.path}, ${what}; gatehouse mounts list shows the folders`;
};

/** Returns the access of the deepest entry that contains the path. */
const accessOf = (folders: readonly AllowedFolder[], path: string): Access => {
  const holding = folders.filter((each) => isIn(path, each.path));
  return holding.toSorted((one, other) => other.path.length - one.path.length)[0]?.access ?? "none";
};

const isIn = (path: string, folder: string): boolean =>
  path === folder || folder === "/" || path.startsWith(`${folder}/`);
