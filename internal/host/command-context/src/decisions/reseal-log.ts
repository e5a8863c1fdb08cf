import { rm } from "node:fs/promises";
import { type Kysely, sql } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { type ChainLink, sealOf, sealOfApproval, start } from "./chain.ts";
import { type LogDeps, rowOf } from "./decision-log.ts";
import { appendDecisions, headColumns } from "./log-chain.ts";
import { type LogKey, newLogKeyText, readLogKey, writeLogKey } from "./log-key.ts";
import { seenFile } from "./seen-end.ts";

type Db = Kysely<CentralTables>;

/** Rows of one statement. */
const batch = 500;

/**
 * Makes a new key in a data folder that has none, and seals all decisions and answered approvals with it, as they are found.
 * A decision says so: what is before it is not proven. For a database of one host, whose key is gone for good.
 */
export const resealLog = async (db: Db, deps: LogDeps): Promise<void> => {
  const { dataDir } = deps;
  // Else a log that begins anew would end before the noted place.
  await rm(seenFile(dataDir), { force: true });
  await db.transaction().execute(async (transaction) => {
    const key = (await readLogKey(dataDir)) ?? (await writeLogKey(dataDir, newLogKeyText()));
    if (key === null || typeof key === "string") throw new Error(key ?? "The key of the log is gone.");
    await transaction.deleteFrom("log_gaps").execute();
    const last = await sealDecisions(transaction, key);
    await sealApprovals(transaction, key);
    await transaction.deleteFrom("log_head").execute();
    await transaction
      .insertInto("log_head")
      .values({ id: 1, key_id: key.id, ...headColumns(key, { ...last, pruned: 0 }) })
      .execute();
    const entry = {
      actor: { type: "host" },
      command: "seal the log anew",
      args: {},
      effect: "allow",
      ruleId: "host",
      reason: "The key of the log was missing. Decisions before this one are as they were found.",
    } as const;
    await appendDecisions(transaction, dataDir, [rowOf(entry, deps)]);
  });
};

/** Numbers the decisions from 1 on: the sealed ones in their order, then the others. Returns the last place. */
const sealDecisions = async (transaction: Db, { mac }: LogKey): Promise<ChainLink> => {
  const rows = await transaction
    .selectFrom("decisions")
    .select(["id", "at", "actor", "command", "args", "effect", "rule_id", "reason", "account"])
    .orderBy(sql`case when seq is null then 1 else 0 end`)
    .orderBy("seq")
    .orderBy("at")
    .orderBy("id")
    .execute();
  let at = start;
  const places = rows.map((row) => {
    at = { seq: at.seq + 1, mac: sealOf(mac, at, row) };
    return sql`(${row.id}, cast(${at.seq} as integer), ${at.mac})`;
  });
  for (let from = 0; from < places.length; from += batch)
    await sql`with sealed (row_id, place, seal) as (values ${sql.join(places.slice(from, from + batch))})
      update decisions set seq = sealed.place, mac = sealed.seal from sealed where decisions.id = sealed.row_id`.execute(
      transaction,
    );
  return at;
};

const sealApprovals = async (transaction: Db, { mac }: LogKey): Promise<void> => {
  const rows = await transaction
    .selectFrom("pending_approvals")
    .selectAll()
    .where("status", "in", ["approved", "rejected", "failed"])
    .execute();
  for (const row of rows)
    await transaction
      .updateTable("pending_approvals")
      .set({ mac: sealOfApproval(mac, row) })
      .where("approval_id", "=", row.approval_id)
      .execute();
};
