import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import type { LoadError } from "../../users-file/load-error.ts";
import { limits } from "../../users-file/limits.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { safetyFlaws } from "../../users-file/users-file-safety.ts";
import { entryOf } from "../machine/disk-entry.ts";
import { closing, readBounded } from "../machine/read-bounded.ts";
import { walkToFile, type Walked } from "./walk-to-file.ts";

const failed = (error: LoadError): Result<never, LoadError> => ({ ok: false, error });

/**
 * Reads a users.yaml for a host whose account has the uid `service`. Refuses a file that others can change.
 */
export const readUsersBytes = async (
  path: string,
  service: number,
): Promise<Result<Uint8Array, LoadError>> => {
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
  if (value !== null) return { ok: true, value };
  const { size } = await handle.stat();
  return failed({ code: "users-file-too-large", path, bytes: size });
};
