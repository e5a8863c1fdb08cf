import type { DiskEntry } from "../ports.ts";

export type Identity = { readonly uid: number; readonly groups: readonly number[] };

/** A directory and what stands there, from `/` down. */
export type OnTheWay = { readonly path: string; readonly entry: DiskEntry };

/** The first directory on a way that this identity may not pass: it lacks `x` there. Permission bits only: no ACLs. */
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
