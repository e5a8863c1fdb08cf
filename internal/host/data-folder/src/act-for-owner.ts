import process from "node:process";
import { ownerAt } from "@gatehouse/fs-kit";
import type { Failure } from "@gatehouse/cli-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { explainStart } from "./start-messages.ts";

/**
 * If root runs the process and another account owns the data folder, the process becomes that account for good.
 * New files then belong to the account, and links that the account made are not followed with root's rights.
 * If another user runs the process, nothing changes. Error: `data-folder-unusable`.
 */
export const actForOwner = async (dataDir: string): Promise<Result<null, Failure>> => {
  if (process.geteuid?.() !== 0) return { ok: true, value: null };
  try {
    const { uid, gid } = await ownerAt(dataDir);
    if (uid !== 0) become(uid, gid);
    return { ok: true, value: null };
  } catch (error) {
    const detail = systemCode(error);
    return { ok: false, error: explainStart({ code: "data-folder-unusable", dataDir, detail }) };
  }
};

/**
 * Runs `work` with the rights of the data folder's owner if root runs the process; afterwards the process is root
 * again. The files that SQLite makes then belong to the owner.
 */
export const withOwnersRights = async <T>(dataDir: string, work: () => Promise<T>): Promise<T> => {
  if (process.geteuid?.() !== 0) return work();
  const { uid, gid } = await ownerAt(dataDir);
  if (uid === 0) return work();
  const [ownGroup, groups] = [process.getegid?.() ?? 0, process.getgroups?.() ?? []];
  takeGroups(uid, gid);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(ownGroup);
    process.setgroups?.(groups);
  }
};

/** Node 20.20 has `initgroups`, but its types lack it. */
type WithGroups = { readonly initgroups?: (user: number, group: number) => void };

const become = (uid: number, gid: number): void => {
  takeGroups(uid, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
};

const takeGroups = (uid: number, gid: number): void => {
  try {
    (process as WithGroups).initgroups?.(uid, gid);
  } catch (error) {
    // An account in a container may have no name. Then it has no other groups.
    if (systemCode(error) !== "ERR_UNKNOWN_CREDENTIAL") throw error;
    process.setgroups?.([gid]);
  }
};
