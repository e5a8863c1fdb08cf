import { lstat, readlink } from "node:fs/promises";
import { resolve, isAbsolute, join } from "node:path";
import process from "node:process";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { UserSet } from "../../user/user.ts";
import { hasUsersList, readUsers } from "../../users-file/read-users.ts";
import { limits, type LoadError } from "../../users-file/users-problem.ts";
import { safetyFlaws, type SafetyFlaw } from "../../users-file/users-file-safety.ts";
import { readWhole } from "../machine/real-files.ts";
import type { DiskEntry } from "../../ports.ts";
import { entryOf } from "../machine/disk-entry.ts";

/**
 * Reads a whole users.yaml strictly, as the host does. Refuses a file that anyone but root and `service` (the
 * uid of the host's account) can change. A rejected promise is a bug, not a bad file.
 */
export const loadUsersFile = async (
  path: string,
  service: number = process.geteuid?.() ?? 0,
): Promise<Result<UserSet, LoadError>> => {
  const text = await readText(path, service);
  return text.ok ? parseUsersFile(text.value, path) : text;
};

/** Reads the text of a users.yaml strictly, as the host does. Without a list of users it counts as empty. */
export const parseUsersFile = (text: string, path: string): Result<UserSet, LoadError> => {
  const read = readUsers(text);
  if (!read.ok) return fail({ code: "users-file-invalid", path, problems: read.error });
  return hasUsersList(text) ? read : fail({ code: "users-file-empty", path });
};

const readText = async (path: string, service: number): Promise<Result<string, LoadError>> => {
  try {
    const { real, kind, flaws: above } = await walkToFile(resolve(path), service);
    // Only files are opened: opening a device may already trigger something.
    if (kind !== "file")
      return fail({ code: "users-file-unreadable", path, errno: kind === "directory" ? "EISDIR" : "EINVAL" });
    const { text, entry } = await readWhole(real, limits.fileBytes);
    const flaws = [...above, ...safetyFlaws(real, entry, service)];
    return flaws.length > 0 ? fail({ code: "users-file-unsafe", path, service, flaws }) : ok(text);
  } catch (error) {
    const errno = systemCode(error);
    if (errno === "ENOENT") return fail({ code: "users-file-missing", path });
    if (errno === "EFBIG") return fail({ code: "users-file-too-large", path });
    return fail({ code: "users-file-unreadable", path, errno });
  }
};

/** Maximum links in one path, as on Linux (path_resolution(7)). */
const mostLinks = 40;

type Walked = {
  /** The path with all links resolved. */
  readonly real: string;
  readonly kind: DiskEntry["kind"];
  /**
   * Flaws of the folders and links on the way, including those behind a link. The file itself is checked
   * after it was opened.
   */
  readonly flaws: readonly SafetyFlaw[];
};

/**
 * Follows an absolute path to a file name by name, from `/` and through links, as the system would. If there
 * is no flaw, only root and the service can change the folders on the way, so the path still leads to the
 * same file when it is opened.
 */
const walkToFile = async (path: string, service: number): Promise<Walked> => {
  const flaws = new Map<string, readonly SafetyFlaw[]>();
  const names = path.split("/").slice(1);
  const visit = async (there: string): Promise<DiskEntry["kind"]> => {
    const entry = entryOf(await lstat(there));
    if (names.length > 0 || entry.kind === "link") flaws.set(there, safetyFlaws(there, entry, service));
    return entry.kind;
  };
  let [real, kind, links] = ["/", await visit("/"), 0];
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const next = join(real, name);
    kind = await visit(next);
    if (kind !== "link") {
      real = next;
      continue;
    }
    if ((links += 1) > mostLinks) throw Object.assign(new Error(path), { code: "ELOOP" });
    const target = await readlink(next);
    names.unshift(...target.split("/"));
    if (isAbsolute(target)) real = "/";
  }
  return { real, kind, flaws: [...flaws.values()].flat() };
};
