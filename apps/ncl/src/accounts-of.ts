import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Accounts } from "./transport-messages.ts";

/**
 * Returns the names of the socket folder's owner and of the account `own`, a uid. Returns null if the folder cannot be read,
 * or if `own` owns it.
 */
export const accountsOf = (
  socket: string,
  own: number | undefined = process.geteuid?.(),
): Accounts | null => {
  const host = ownerOf(dirname(socket));
  if (own === undefined || host === null || host === own) return null;
  return { host: nameOf(host), own: nameOf(own) };
};

const ownerOf = (folder: string): number | null => {
  try {
    return statSync(folder).uid;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return null;
  }
};

/** Returns the name of an account, or its uid if it has no name. */
const nameOf = (uid: number): string => {
  try {
    const name = execFileSync("id", ["-nu", String(uid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return name.trim() || `uid ${uid}`;
  } catch (error) {
    // id(1) exits with 1 for a uid without a name; some machines have no id(1).
    if (!(error instanceof Error)) throw error;
    return `uid ${uid}`;
  }
};
