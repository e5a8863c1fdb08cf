import type { DiskEntry } from "../ports.ts";

/** A path on the way to users.yaml that lets other accounts change the file's content. */
export type SafetyFlaw =
  | { readonly path: string; readonly why: "writable"; readonly mode: number }
  | { readonly path: string; readonly why: "owner"; readonly uid: number };

/**
 * users.yaml names the admins, so it is refused if any account but root and the host's can change it.
 */
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
 * The flaws of users.yaml itself, of a folder above it, or of a link on the way. These are the rules of
 * sshd's StrictModes (OpenSSH 9.2, `safe_path`). Root's sticky folders are accepted too, because only an
 * entry's owner may rename it there.
 */
export const safetyFlaws = (path: string, entry: DiskEntry, service: number): readonly SafetyFlaw[] => {
  const { kind, uid, mode } = entry;
  const flaws: SafetyFlaw[] = [];
  if (uid !== 0 && uid !== service) flaws.push({ path, why: "owner", uid });
  const isShared = kind === "directory" && uid === 0 && (mode & sticky) !== 0;
  // The mode of a link has no meaning (symlink(7)).
  if (kind !== "link" && !isShared && (mode & writableByOthers) !== 0)
    flaws.push({ path, why: "writable", mode });
  return flaws;
};
