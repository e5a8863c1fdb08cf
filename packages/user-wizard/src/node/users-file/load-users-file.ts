import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { UserSet } from "../../user/user.ts";
import { readUsers } from "../../users-file/read-users.ts";
import { limits, type LoadError } from "../../users-file/users-problem.ts";
import { safetyFlaws } from "../../users-file/users-file-safety.ts";
import { entryOf } from "../machine/disk-entry.ts";
import { closing, readBounded } from "../machine/read-bounded.ts";
import { walkToFile, type Walked } from "./walk-to-file.ts";

const failed = (error: LoadError): Result<never, LoadError> => fail(error);

/**
 * Reads a whole users.yaml strictly, as the host does. Refuses a file that anyone but root and `service` (the
 * uid of the host's account) can change. A rejected promise is a bug, not a bad file.
 */
export const loadUsersFile = async (
  path: string,
  service: number = process.geteuid?.() ?? 0,
): Promise<Result<UserSet, LoadError>> => {
  const bytes = await readUsersBytes(path, service);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text === null) return failed({ code: "users-file-unreadable", path, errno: "EILSEQ" });
  if (text.trim() === "") return failed({ code: "users-file-empty", path });
  const read = readUsers(text);
  return read.ok ? read : failed({ code: "users-file-invalid", path, problems: read.error });
};

const decode = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (systemCode(error) === "ERR_ENCODING_INVALID_ENCODED_DATA") return null;
    throw error;
  }
};

const readUsersBytes = async (path: string, service: number): Promise<Result<Uint8Array, LoadError>> => {
  try {
    const walked = await walkToFile(resolve(path), service);
    // Only files are opened: opening a device may already trigger something.
    if (walked.kind !== "file")
      return failed({ code: "users-file-unreadable", path, errno: errnoOf(walked) });
    // A pipe may have replaced the file since. Opening a pipe without O_NONBLOCK waits for a writer.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const handle = await open(walked.real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    return await closing(handle, () => readOpen({ handle, walked, path, service }));
  } catch (error) {
    const errno = systemCode(error);
    if (errno === "ENOENT") return failed({ code: "users-file-missing", path });
    return failed({ code: "users-file-unreadable", path, errno });
  }
};

const errnoOf = ({ kind }: Pick<Walked, "kind">): string => (kind === "directory" ? "EISDIR" : "EINVAL");

type Opened = {
  readonly handle: FileHandle;
  readonly walked: Walked;
  readonly path: string;
  readonly service: number;
};

const readOpen = async ({
  handle,
  walked,
  path,
  service,
}: Opened): Promise<Result<Uint8Array, LoadError>> => {
  const entry = entryOf(await handle.stat());
  if (entry.kind !== "file") return failed({ code: "users-file-unreadable", path, errno: errnoOf(entry) });
  const flaws = [...walked.flaws, ...safetyFlaws(walked.real, entry, service)];
  if (flaws.length > 0) return failed({ code: "users-file-unsafe", path, service, flaws });
  const value = await readBounded(handle, limits.fileBytes);
  if (value !== null) return ok(value);
  const { size } = await handle.stat();
  return failed({ code: "users-file-too-large", path, bytes: size });
};
