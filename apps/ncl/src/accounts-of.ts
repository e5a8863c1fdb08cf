import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Accounts } from "./explain.ts";

/** Names the two accounts; null where the folder cannot be read, or is this account's own. */
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

/** The name of an account, or its number where it has none. */
const nameOf = (uid: number): string => {
  try {
    const name = execFileSync("id", ["-nu", String(uid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return name.trim() || `uid ${uid}`;
  } catch (error) {
    // id(1) exits with 1 for a number without a name; a machine may lack it.
    if (!(error instanceof Error)) throw error;
    return `uid ${uid}`;
  }
};
