import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { readKeptFile, replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";
import { type ChainLink, sealOfGap, sealOfHead } from "./chain.ts";
import { readLogKey } from "./log-key.ts";

/** The file with the last place of the chain that this host has seen, outside of the database. */
export const seenFile = (dataDir: string): string => join(dataDir, "log-head.json");

/** Null if there is no such file, or a torn one. */
export const readSeen = async (dataDir: string): Promise<ChainLink | null> => {
  const read = await readKeptFile(seenFile(dataDir));
  const parsed = read.ok && read.value !== null ? parseJson(read.value) : null;
  const { seq, mac } = (parsed ?? {}) as { readonly seq?: unknown; readonly mac?: unknown };
  return typeof seq === "number" && typeof mac === "string" ? { seq, mac } : null;
};

/**
 * Notes the end of the chain in the data folder, after its commit. A host that is killed before that notes it later, so the
 * file may be behind the database, and never ahead. An end that does not follow the noted one is not noted: `decisions verify`
 * then finds what is missing. On a full disk the file stays behind.
 */
export const noteEnd = async (db: Kysely<CentralTables>, dataDir: string): Promise<void> => {
  const row = await db.selectFrom("log_head").selectAll().where("id", "=", 1).executeTakeFirst();
  if (row === undefined) return;
  const seen = await readSeen(dataDir);
  if (seen !== null && seen.seq >= row.seq) return;
  const key = await readLogKey(dataDir);
  if (key === null || typeof key === "string" || key.id !== row.key_id) return;
  const { seq, last_mac: mac, pruned } = row;
  if (row.mac !== sealOfHead(key.mac, { seq, mac, pruned })) return;
  if (seen !== null && !(await isInChain(db, seen, key.mac))) return;
  await replaceFile(seenFile(dataDir), `${JSON.stringify({ seq, mac })}\n`).catch(systemCode);
};

/** True if the chain has this place, or had it before it was pruned. */
const isInChain = async (
  db: Kysely<CentralTables>,
  { seq, mac }: ChainLink,
  sealing: (text: string) => string,
): Promise<boolean> => {
  const row = await db
    .selectFrom("decisions")
    .select("id")
    .where("seq", "=", seq)
    .where("mac", "=", mac)
    .executeTakeFirst();
  if (row !== undefined || seq === 0) return true;
  const gap = await db
    .selectFrom("log_gaps")
    .selectAll()
    .where("first", "<=", seq)
    .where("last", ">=", seq)
    .executeTakeFirst();
  return gap !== undefined && gap.mac === sealOfGap(sealing, gap);
};
