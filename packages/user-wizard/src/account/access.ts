import type { DiskEntry } from "../ports.ts";

export type Identity = { readonly uid: number; readonly groups: readonly number[] };

/** A directory on the way to a path, with its entry; the first is `/`. */
export type OnTheWay = { readonly path: string; readonly entry: DiskEntry };

/**
 * The first directory on the way that this identity may not enter, because it lacks `x` there. Reads
 * permission bits only, no ACLs.
 */
export const firstClosed = (way: readonly OnTheWay[], identity: Identity): string | null =>
  way.find(({ entry }) => !mayPass(entry, identity))?.path ?? null;

/** True if this identity may enter a directory, by its permission bits. */
export const mayPass = (entry: DiskEntry, identity: Identity): boolean => may(entry, identity, 0o1);

/** True if this identity may make entries in a directory, by its permission bits. */
export const mayWrite = (entry: DiskEntry, identity: Identity): boolean => may(entry, identity, 0o3);

/** `bits` are those of others: 0o1 to pass, 0o2 to write. */
const may = ({ mode, uid, gid }: DiskEntry, identity: Identity, bits: number): boolean => {
  if (identity.uid === 0) return true;
  const shift = identity.uid === uid ? 6 : identity.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
};

/** `/srv/data` -> `/`, `/srv`, `/srv/data`. */
export const directoriesTo = (path: string): readonly string[] => {
  const names = path.split("/").filter((name) => name !== "");
  return ["/", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
};
