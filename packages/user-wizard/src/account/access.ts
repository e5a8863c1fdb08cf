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

const mayPass = ({ mode, uid, gid }: DiskEntry, identity: Identity): boolean => {
  if (identity.uid === 0) return true;
  if (identity.uid === uid) return (mode & 0o100) !== 0;
  return (mode & (identity.groups.includes(gid) ? 0o010 : 0o001)) !== 0;
};

/** `/srv/data` -> `/`, `/srv`, `/srv/data`. */
export const directoriesTo = (path: string): readonly string[] => {
  const names = path.split("/").filter((name) => name !== "");
  return ["/", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
};
