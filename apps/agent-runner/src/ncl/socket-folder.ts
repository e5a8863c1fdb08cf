import { mkdtempSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** The names of the runner's sockets in their folder. */
export const socketNames = {
  /** For `ncl`, which looks for this name in a data folder. */
  ncl: "ncl.sock",
  /** By which the agent's CLI reaches the host tools. */
  tools: "tools.sock",
  /** By which launchers of MCP servers get their secrets. It is there only if one needs any. */
  servers: "mcp.sock",
} as const;

/**
 * Makes the private folder (0700) of the sockets, with a short path, because a socket's address has at most 107 bytes.
 * An error is a sentence: the folder for temporary files is missing, full or not writable.
 */
export const makeSocketFolder = (): Result<string, string> => {
  try {
    return ok(mkdtempSync(join(tmpdir(), "ncl-")));
  } catch (error) {
    return fail(`The folder for ncl cannot be made in ${tmpdir()} (${systemCode(error)}).`);
  }
};

/**
 * Removes a socket's folder only in the form in which it was made here: a folder of another process, or with
 * more than the sockets in it, stays. The path may come from a file that the agent can write.
 */
export const removeSocketFolder = (path: string): void => {
  if (dirname(path) !== tmpdir() || !/^ncl-[A-Za-z0-9]{6}$/.test(basename(path))) return;
  for (const name of Object.values(socketNames)) quietly(() => unlinkSync(join(path, name)));
  quietly(() => rmdirSync(path));
};

const quietly = (remove: () => void): void => {
  try {
    remove();
  } catch (error) {
    systemCode(error);
  }
};
