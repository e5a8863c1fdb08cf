import process from "node:process";
import { ownerAt } from "@gatehouse/fs-kit";
import type { Failure } from "@gatehouse/cli-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { explainStart } from "./explain-start.ts";

/**
 * If root starts the process for another account's data folder, the process becomes that account for good.
 * New files then belong to the account, and links that the account made are not followed with root's rights.
 * For any other user nothing changes.
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
 * Does this with the rights of the data folder's owner, if root runs the process, and goes on as root
 * afterwards. What SQLite makes beside its file then belongs to the owner.
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

/** Node 20.20 has it, but its types lack it. */
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
    // A container's account may have no name, and then has no other groups.
    if (systemCode(error) !== "ERR_UNKNOWN_CREDENTIAL") throw error;
    process.setgroups?.([gid]);
  }
};
