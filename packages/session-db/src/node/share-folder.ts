import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { makeSessionFolders } from "./make-session.ts";
import { pathsOf } from "./paths.ts";

/**
 * Makes the folder of a session for an agent that runs as this account; null for the host's own. In `in` is what the
 * host gives it, in `out` what it sends. Call it before each start, while no agent runs. The error is the system's
 * code.
 */
export const shareFolder = (folder: string, account: string | null): Result<null, string> => {
  const paths = pathsOf(folder);
  const isShared = account !== null;
  const mark = join(paths.in, "account");
  try {
    makeSessionFolders(paths, isShared);
    if (isShared) makeSharedOutbox(paths.outbox);
    if (lastAccount(mark) === (account ?? "")) return ok(null);
    chmodSync(paths.in, isShared ? 0o711 : 0o700);
    chmodSync(paths.out, isShared ? 0o1733 : 0o700);
    rmSync(paths.owner, { force: true });
    writeFileSync(mark, account ?? "", { mode: 0o600 });
    return ok(null);
  } catch (error) {
    return fail(systemCode(error));
  }
};

/** Says whose the files of an outbox are: the runner of the agent calls it when it starts. */
export const ownOutbox = (folder: string): void => {
  try {
    writeFileSync(pathsOf(folder).owner, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
};

/**
 * The host's, so that accounts which run other sessions can neither list it nor put another in its
 * place. One that an earlier runner made stays as it is.
 */
const makeSharedOutbox = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { mode: 0o700 });
  const { uid, mode } = lstatSync(path);
  if (uid === process.getuid?.() && (mode & 0o170000) === 0o040000) chmodSync(path, 0o1733);
};

/** The account of the last container; that of the host before the first one. */
const lastAccount = (mark: string): string => {
  try {
    return readFileSync(mark, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
};
