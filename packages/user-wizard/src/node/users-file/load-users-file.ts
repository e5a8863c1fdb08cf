import { resolve } from "node:path";
import process from "node:process";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { UserSet } from "../../user/user.ts";
import { hasUsersList, readUsers } from "../../users-file/read-users.ts";
import { limits, type LoadError } from "../../users-file/users-problem.ts";
import { safetyFlaws } from "../../users-file/users-file-safety.ts";
import { readWhole } from "../machine/real-files.ts";
import { walkToFile } from "./walk-to-file.ts";

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
