import { stat } from "node:fs/promises";
import process from "node:process";

/**
 * The uid of a host's account, whose users.yaml counts beside root's. A host that root starts acts for its data folder's
 * owner, who has all of its database anyway.
 */
export const serviceUidOf = async (dataDir: string): Promise<number> => {
  const own = process.geteuid?.() ?? 0;
  return own === 0 ? (await stat(dataDir)).uid : own;
};
