import { constants } from "node:fs";
import { open, readlink, realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import process from "node:process";

/** An open directory. Work through it stays in it, even if the directory is renamed meanwhile. */
export type HeldDirectory = {
  /** The path to use for the entry that was asked for. */
  readonly at: string;
  sync(): Promise<void>;
};

/**
 * Opens the directory of a path, uses it and closes it. Fails with `ELOOP` if any part of the path is a link.
 * Linux reaches the name through `/proc/self/fd`. Elsewhere Node has no equivalent, so the path is checked
 * once.
 */
export const inDirectoryOf = async <T>(
  path: string,
  use: (held: HeldDirectory) => Promise<T>,
): Promise<T> => {
  const directory = dirname(path);
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const linux = process.platform === "linux";
    const held = `/proc/self/fd/${handle.fd}`;
    const real = linux ? await readlink(held) : await realpath(directory);
    if (real !== directory) throw Object.assign(new Error(`${directory} is ${real}`), { code: "ELOOP" });
    return await use({ at: linux ? `${held}/${basename(path)}` : path, sync: () => handle.sync() });
  } finally {
    await handle.close();
  }
};
