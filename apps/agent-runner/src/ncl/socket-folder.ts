import { mkdtempSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** As `ncl` looks for it in a data folder. */
const socketName = "ncl.sock";

/** A folder for the socket of `ncl`: private (0700), and short, since a socket's address has 107 bytes. */
export type SocketFolder = { readonly path: string; readonly socket: string };

/** Makes one. An error is a sentence: the folder for temporary files is missing, full or not writable. */
export const makeSocketFolder = (): Result<SocketFolder, string> => {
  try {
    const path = mkdtempSync(join(tmpdir(), "ncl-"));
    return ok({ path, socket: join(path, socketName) });
  } catch (error) {
    return fail(`The folder for ncl cannot be made in ${tmpdir()} (${systemCode(error)}).`);
  }
};

/**
 * Removes a socket's folder, as it was made here: one that another process made elsewhere, or that has more
 * than the socket in it, stays. Its path may come from a file that the agent can write.
 */
export const removeSocketFolder = (path: string): void => {
  if (dirname(path) !== tmpdir() || !/^ncl-[A-Za-z0-9]{6}$/.test(basename(path))) return;
  quietly(() => unlinkSync(join(path, socketName)));
  quietly(() => rmdirSync(path));
};

const quietly = (remove: () => void): void => {
  try {
    remove();
  } catch (error) {
    systemCode(error);
  }
};
