import { stat } from "node:fs/promises";
import process from "node:process";

/**
 * The uid of the host's account. users.yaml has to belong to this account or root. A host that root starts acts for
 * the data folder's owner, who has access to its whole database anyway.
 */
export const serviceUidOf = async (dataDir: string): Promise<number> => {
  const own = process.geteuid?.() ?? 0;
  return own === 0 ? (await stat(dataDir)).uid : own;
};
