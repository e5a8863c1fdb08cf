import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { Mount } from "@nc/container-config";
import { z } from "zod";

/** The rights of containers in a folder and below it. An entry for a deeper folder goes before this one. */
export type Access = "read" | "write" | "none";

/** A folder of the list, by its absolute real path. */
export type AllowedFolder = { readonly path: string; readonly access: Access };

/** The list of a machine. */
export type AllowList = {
  readonly folders: readonly AllowedFolder[];
  /** False until a host has added the folders that its groups mounted before there was a list. */
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

/** The file's text of a list, ordered by path. */
export const allowListText = ({ folders, hasGroups }: AllowList): string => {
  const ordered = folders.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return `${JSON.stringify({ v: 1, hasGroups, folders: ordered }, null, 2)}\n`;
};

/**
 * Allows the folders of mounts that groups have already. What the list says about a folder stays; a read-only mount in a
 * folder that may be written adds nothing, since it would forbid to write there.
 */
export const withMounts = (
  folders: readonly AllowedFolder[],
  mounts: readonly Pick<Mount, "hostPath" | "readonly">[],
): readonly AllowedFolder[] => {
  const isReadOnly = ({ readonly = true }: Pick<Mount, "readonly">): boolean => readonly;
  const writtenFirst = mounts.toSorted((one, other) => Number(isReadOnly(one)) - Number(isReadOnly(other)));
  let all = folders;
  for (const mount of writtenFirst) {
    const isRuled = folders.some(({ path }) => isIn(mount.hostPath, path));
    if (isRuled || refusalOf(all, mount) === null) continue;
    all = withFolder(all, { path: mount.hostPath, access: isReadOnly(mount) ? "read" : "write" });
  }
  return all;
};

/** Sets what containers may do with this folder. Entries for folders in it stay. */
export const withFolder = (
  folders: readonly AllowedFolder[],
  folder: AllowedFolder,
): readonly AllowedFolder[] => [...without(folders, folder.path), folder];

/** Allows the folder no longer. One that is in an allowed folder is listed as denied. */
export const withDenied = (folders: readonly AllowedFolder[], path: string): readonly AllowedFolder[] => {
  const others = without(folders, path);
  return accessOf(others, path) === "none" ? others : [...others, { path, access: "none" }];
};

const without = (folders: readonly AllowedFolder[], path: string): readonly AllowedFolder[] =>
  folders.filter((each) => each.path !== path);

/**
 * The reason why the list does not let a container have this mount; null if it may have it. The mount's host path is
 * its real one. A mount shows all that is in its folder, so nothing in it may be denied.
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
  const held = folders.find(
    (each) =>
      isIn(each.path, hostPath) && (each.access === "none" || (!isReadOnly && each.access === "read")),
  );
  if (held === undefined) return null;
  const what = held.access === "none" ? "which may not be mounted" : "which may be mounted read-only";
  return `holds ${held.path}, ${what}; gatehouse mounts list shows the folders`;
};

/** The access of the deepest entry that has the path in it. */
const accessOf = (folders: readonly AllowedFolder[], path: string): Access => {
  const holding = folders.filter((each) => isIn(path, each.path));
  return holding.toSorted((one, other) => other.path.length - one.path.length)[0]?.access ?? "none";
};

const isIn = (path: string, folder: string): boolean =>
  path === folder || folder === "/" || path.startsWith(`${folder}/`);
