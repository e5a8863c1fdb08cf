import { Buffer } from "node:buffer";
import { CompiledQuery, type Kysely } from "kysely";
import type { ApprovalRow, CentralTables, DecisionRow, LogHeadRow } from "@gatehouse/central-database";
import {
  type Entry,
  type Gap,
  type Head,
  joinGaps,
  type ChainLink,
  sealOf,
  sealOfApproval,
  sealOfGap,
  sealOfHead,
} from "./chain.ts";
import { type LogKey, logKeyFile, logKeyOf, newLogKeyText, readLogKey, writeLogKey } from "./log-key.ts";
import { readSeen } from "./seen-end.ts";

type Db = Kysely<CentralTables>;

/** Number of decisions that are kept. */
export const keptDecisions = 100_000;

/** The end of the chain, which this transaction has locked, and the key that goes on with it. */
type Locked = { readonly head: Head; readonly key: LogKey };

/**
 * Locks the end of the chain until the transaction ends, so that the rows of several hosts follow each other. Call it as late
 * in a transaction as possible: others wait. The first call makes the key and the end. Null if this host cannot go on with
 * the chain: it has another key, or none, or the end was changed.
 */
const lockHead = async (transaction: Db, dataDir: string): Promise<Locked | null> => {
  const lock = () =>
    transaction.updateTable("log_head").set({ id: 1 }).where("id", "=", 1).returningAll().executeTakeFirst();
  let row = await lock();
  if (row === undefined) {
    const key = await keyOfNewLog(transaction, dataDir);
    if (key === null) return null;
    const values = { id: 1, key_id: key.id, ...headColumns(key, { seq: 0, mac: "", pruned: 0 }) };
    await transaction
      .insertInto("log_head")
      .values(values)
      .onConflict((there) => there.doNothing())
      .execute();
    row = await lock();
  }
  const key = await readLogKey(dataDir);
  if (row === undefined || key === null || typeof key === "string" || key.id !== row.key_id) return null;
  const head = { seq: row.seq, mac: row.last_mac, pruned: row.pruned };
  return row.mac === sealOfHead(key.mac, head) ? { head, key } : null;
};

/** Whether this host can go on with the chain. The first host makes its key. */
export type LogState =
  | { readonly is: "ready"; readonly text: string }
  /** The data folder has no key, or another than the log. `why` is a clause. */
  | { readonly is: "missing" | "other"; readonly why: string };

export const keyOfLog = async (transaction: Db, dataDir: string): Promise<LogState> => {
  const locked = await lockHead(transaction, dataDir);
  if (locked !== null) return { is: "ready", text: locked.key.text };
  const key = await readLogKey(dataDir);
  if (typeof key === "string") return { is: "other", why: key.replace(/\.$/, "") };
  const file = logKeyFile(dataDir);
  return key === null
    ? { is: "missing", why: `${file} is missing` }
    : {
        is: "other",
        why: `the log has another key than ${file}, or its end was changed: ncl decisions verify`,
      };
};

/** Writes the key of another host into a data folder that has none. False if it is not the key of the log. */
export const takeLogKey = async (transaction: Db, dataDir: string, text: string): Promise<boolean> => {
  const head = await transaction
    .selectFrom("log_head")
    .select("key_id")
    .where("id", "=", 1)
    .executeTakeFirst();
  if (head === undefined || logKeyOf(text)?.id !== head.key_id) return false;
  const key = await writeLogKey(dataDir, text);
  return key !== null && typeof key !== "string";
};

/** The key for a log that has not begun. Null if it had begun, so that its end was removed. */
const keyOfNewLog = async (transaction: Db, dataDir: string): Promise<LogKey | null> => {
  const sealed = await transaction
    .selectFrom("decisions")
    .select("id")
    .where("seq", "is not", null)
    .executeTakeFirst();
  if (sealed !== undefined || (await readSeen(dataDir)) !== null) return null;
  const key = (await readLogKey(dataDir)) ?? (await writeLogKey(dataDir, newLogKeyText()));
  return typeof key === "string" ? null : key;
};

/** The columns of `log_head` that change with each row. */
export const headColumns = (
  { mac }: LogKey,
  head: Head,
): Pick<LogHeadRow, "seq" | "last_mac" | "pruned" | "mac"> => ({
  seq: head.seq,
  last_mac: head.mac,
  pruned: head.pruned,
  mac: sealOfHead(mac, head),
});

const writeHead = async (transaction: Db, key: LogKey, head: Head): Promise<void> => {
  await transaction.updateTable("log_head").set(headColumns(key, head)).where("id", "=", 1).execute();
};

/**
 * Appends decisions to the chain, at the end of a transaction. A decision with an id that is there already is left out: after
 * a cut connection it is unknown whether it was written. A host that cannot go on with the chain writes them without a seal.
 * `statements`: compiled ones by their number of rows, since compiling a statement costs more than running it.
 */
export const appendDecisions = async (
  transaction: Db,
  dataDir: string,
  entries: readonly Entry[],
  statements: Map<number, string> = new Map(),
): Promise<void> => {
  const locked = await lockHead(transaction, dataDir);
  const ids = entries.map(({ id }) => id);
  const there = await transaction.selectFrom("decisions").select("id").where("id", "in", ids).execute();
  const known = new Set(there.map(({ id }) => id));
  const fresh = known.size === 0 ? entries : entries.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return;
  let at: ChainLink | null = locked?.head ?? null;
  const rows = fresh.map(wellFormed).map((entry): DecisionRow => {
    if (at === null || locked === null) return { ...entry, seq: null, mac: null };
    at = { seq: at.seq + 1, mac: sealOf(locked.key.mac, at, entry) };
    return { ...entry, ...at };
  });
  const text = statements.get(rows.length) ?? insertText(transaction, rows.length);
  statements.set(rows.length, text);
  await transaction.executeQuery(
    CompiledQuery.raw(
      text,
      rows.flatMap((row) => columns.map((column) => row[column])),
    ),
  );
  if (locked !== null && at !== null) await writeHead(transaction, locked.key, { ...locked.head, ...at });
};

/** Seals an answered approval. A host without the key of the log leaves it without a seal. */
export const sealApproval = async (transaction: Db, dataDir: string, row: ApprovalRow): Promise<void> => {
  const key = await readLogKey(dataDir);
  if (key === null || typeof key === "string") return;
  await transaction
    .updateTable("pending_approvals")
    .set({ mac: sealOfApproval(key.mac, row) })
    .where("approval_id", "=", row.approval_id)
    .execute();
};

/** A lone surrogate would come back as another character, and break the seal. */
const wellFormed = (entry: Entry): Entry =>
  Object.fromEntries(
    Object.entries(entry).map(([column, value]) => [
      column,
      value === null ? null : Buffer.from(value).toString(),
    ]),
  ) as Entry;

const columns = [
  ...(["id", "at", "actor", "command", "args", "effect", "rule_id", "reason", "account"] as const),
  ...(["seq", "mac"] as const),
];

const insertText = (db: Db, count: number): string => {
  const row = Object.fromEntries(columns.map((column) => [column, ""])) as unknown as DecisionRow;
  return db
    .insertInto("decisions")
    .values(Array.from({ length: count }, () => row))
    .compile().sql;
};

/**
 * Deletes the oldest rows of the actor that has the most: an agent with a hundred thousand requests must not
 * push out the rows of others, or of other sessions of its group. If no actor has more rows than have to be
 * deleted, the oldest rows of all actors are deleted. Their places in the chain become gaps with a seal.
 */
export const pruneDecisions = async (
  db: Db,
  dataDir: string,
  kept: number = keptDecisions,
): Promise<void> => {
  const head = await db
    .selectFrom("log_head")
    .select(["seq", "pruned"])
    .where("id", "=", 1)
    .executeTakeFirst();
  if ((head?.seq ?? 0) - (head?.pruned ?? 0) > kept)
    await db.transaction().execute(async (transaction) => {
      const locked = await lockHead(transaction, dataDir);
      // The count is sealed: rows that somebody puts there push no others out.
      if (locked !== null)
        await pruneSealed(transaction, locked, locked.head.seq - locked.head.pruned - kept);
    });
  const { count } = await db
    .selectFrom("decisions")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("seq", "is", null)
    .executeTakeFirstOrThrow();
  const over = Number(count) - kept;
  if (over <= 0) return;
  const oldest = db.selectFrom("decisions").select("id").where("seq", "is", null);
  await db
    .deleteFrom("decisions")
    .where("id", "in", oldest.orderBy("at").orderBy("id").limit(over))
    .execute();
};

const pruneSealed = async (transaction: Db, { head, key }: Locked, over: number): Promise<void> => {
  if (over <= 0) return;
  const sealed = transaction.selectFrom("decisions").where("seq", "is not", null);
  const busiest = await sealed
    .select(({ fn }) => ["actor", fn.countAll<number>().as("count")])
    .groupBy("actor")
    .orderBy("count", "desc")
    .orderBy("actor")
    .limit(1)
    .executeTakeFirst();
  const isOfOne = busiest !== undefined && Number(busiest.count) > over;
  const gone = (isOfOne ? sealed.where("actor", "=", busiest.actor) : sealed)
    .select(["id", "seq"])
    .orderBy("at")
    .orderBy("id")
    .limit(over);
  const seqs = (await gone.execute()).flatMap(({ seq }) => seq ?? []);
  const [first, last] = [Math.min(...seqs), Math.max(...seqs)];
  if (seqs.length === 0) return;
  const rows = await sealed
    .select(["seq", "mac"])
    .where("seq", ">=", first - 1)
    .where("seq", "<=", last)
    .execute();
  const gaps = (
    await transaction
      .selectFrom("log_gaps")
      .selectAll()
      .where("last", ">=", first - 1)
      .where("first", "<=", last + 1)
      .execute()
  ).filter((gap) => gap.mac === sealOfGap(key.mac, gap));
  /** The seal after each place, of rows and of gaps. */
  const seals = new Map<number, string>([
    [0, ""],
    ...rows.map(({ seq, mac }) => [seq ?? 0, mac ?? ""] as const),
    ...gaps.map(({ last: seq, after }) => [seq, after] as const),
  ]);
  const pieces = seqs.map((seq): Gap => {
    return { first: seq, last: seq, before: seals.get(seq - 1) ?? "", after: seals.get(seq) ?? "" };
  });
  const joined = joinGaps([...pieces, ...gaps]);
  await transaction
    .deleteFrom("decisions")
    .where("id", "in", transaction.selectFrom(gone.as("gone")).select("gone.id"))
    .execute();
  for (const { mac } of gaps) await transaction.deleteFrom("log_gaps").where("mac", "=", mac).execute();
  for (let from = 0; from < joined.length; from += 1_000)
    await transaction
      .insertInto("log_gaps")
      .values(
        joined.slice(from, from + 1_000).map(({ first: one, last: to, before, after }) => {
          const gap = { first: one, last: to, before, after };
          return { ...gap, mac: sealOfGap(key.mac, gap) };
        }),
      )
      .execute();
  await writeHead(transaction, key, { ...head, pruned: head.pruned + seqs.length });
};
