import type { DiskEntry } from "../ports.ts";

/** Something on the way to users.yaml that lets somebody else decide what it says. */
export type SafetyFlaw =
  | { readonly path: string; readonly why: "writable"; readonly mode: number }
  | { readonly path: string; readonly why: "owner"; readonly uid: number };

/** users.yaml names the admins, so nobody is taken from one that others than root and the host's account may change. */
export type UnsafeUsersFile = {
  readonly code: "users-file-unsafe";
  readonly path: string;
  /** The uid of the host's account. */
  readonly service: number;
  readonly flaws: readonly SafetyFlaw[];
};

const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * What is unsafe about users.yaml itself, a folder above it, or a link on the way: the rules of sshd's StrictModes
 * (OpenSSH 9.2, `safe_path`), and sticky folders of root pass, since in them only its owner may rename an entry.
 */
export const safetyFlaws = (path: string, entry: DiskEntry, service: number): readonly SafetyFlaw[] => {
  const { kind, uid, mode } = entry;
  const flaws: SafetyFlaw[] = [];
  if (uid !== 0 && uid !== service) flaws.push({ path, why: "owner", uid });
  const isShared = kind === "directory" && uid === 0 && (mode & sticky) !== 0;
  // The mode of a link says nothing (symlink(7)).
  if (kind !== "link" && !isShared && (mode & writableByOthers) !== 0)
    flaws.push({ path, why: "writable", mode });
  return flaws;
};
