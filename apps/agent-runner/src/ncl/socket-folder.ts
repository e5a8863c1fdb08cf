import { mkdtempSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** The name under which `ncl` looks for it in a data folder. */
const socketName = "ncl.sock";

/** The name of the socket beside it, by which the agent's CLI reaches the host tools. */
const toolsName = "tools.sock";

/** The name of the third one, by which launchers of MCP servers get their secrets. It is there only if one needs any. */
const serversName = "mcp.sock";

/**
 * A folder for the sockets of `ncl`, of the host tools and of launchers: private (0700), and with a short path, because a socket's address has at
 * most 107 bytes.
 */
export type SocketFolder = {
  readonly path: string;
  readonly socket: string;
  readonly toolsSocket: string;
  readonly serversSocket: string;
};

/**
 * Makes the folder. An error is a sentence: the folder for temporary files is missing, full or not writable.
 */
export const makeSocketFolder = (): Result<SocketFolder, string> => {
  try {
    const path = mkdtempSync(join(tmpdir(), "ncl-"));
    const [socket, toolsSocket] = [join(path, socketName), join(path, toolsName)];
    return ok({ path, socket, toolsSocket, serversSocket: join(path, serversName) });
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
  for (const name of [socketName, toolsName, serversName]) quietly(() => unlinkSync(join(path, name)));
  quietly(() => rmdirSync(path));
};

const quietly = (remove: () => void): void => {
  try {
    remove();
  } catch (error) {
    systemCode(error);
  }
};
