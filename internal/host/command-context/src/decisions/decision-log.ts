import { CompiledQuery, type Kysely } from "kysely";
import type { DecisionEntry } from "@nc/cli-scope";
import type { CentralTables, DecisionRow } from "@gatehouse/central-database";
import type { ClockAndIds } from "../context/clock-and-ids.ts";
import { nameOfActor } from "../context/name-of-actor.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Time that a decision may wait to be written together with others, ms. */
const pause = 200;
/** This number of waiting decisions is written without a pause. */
const batch = 512;
/** Maximum number of waiting decisions while the database is busy; beyond it, callers wait. */
const mostWaiting = 64 * batch;
/** Number of decisions that are kept. */
const keptDecisions = 100_000;

/** An act of an operator by another program than `ncl`, as its file in the data folder has it. */
export type NotedAct = {
  readonly id: string;
  readonly at: string;
  readonly account: string;
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
};

/** The acts that were noted while no program had the database. Each is in the log before it is forgotten. */
export type NotedActs = {
  readonly list: () => Promise<readonly NotedAct[]>;
  readonly forget: (ids: readonly string[]) => Promise<void>;
};

/** The log of decisions. */
export type DecisionLog = {
  /**
   * With `now`, resolves when the entry is written. Otherwise the entry is written together with others after
   * a pause, and the promise resolves before that, unless too many entries wait.
   */
  readonly record: (entry: DecisionEntry, now: boolean) => Promise<void>;
  /** Writes all waiting decisions, and the noted acts. */
  readonly flush: () => Promise<void>;
};

/**
 * A log in this database that keeps about `kept` decisions. `report` gets write errors for which no caller
 * waits.
 */
export const decisionLog = (
  db: Kysely<CentralTables>,
  clock: ClockAndIds,
  report: (error: unknown) => void,
  { kept = keptDecisions, noted = noneNoted }: { readonly kept?: number; readonly noted?: NotedActs } = {},
): DecisionLog => {
  const waiting: Values[] = [];
  /** Compiled statements by their number of rows, since compiling a statement costs more than running it. */
  const statements = new Map<number, string>();
  let timer: NodeJS.Timeout | null = null;
  // Infinity forces a prune at the first write: without it, the rows of many short-lived processes would pile
  // up.
  let sincePruned = Number.POSITIVE_INFINITY;
  let last: Promise<void> = Promise.resolve();

  /**
   * Writes the decisions that wait now. Decisions that come during the write wait for the next pause;
   * otherwise a steady load would be written one by one. Decisions that could not be written stay in the
   * queue.
   */
  const write = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (let left = waiting.length; left > 0;) {
      const rows = waiting.slice(0, powerOfTwoIn(left));
      await insert(db, rows, statements);
      waiting.splice(0, rows.length);
      left -= rows.length;
      sincePruned += rows.length;
    }
    const acts = await noted.list();
    for (const act of acts) await insert(db, [noteOf(act)], statements);
    await noted.forget(acts.map(({ id }) => id));
    sincePruned += acts.length;
    if (sincePruned < kept / 20) return;
    await pruneDecisions(db, kept);
    sincePruned = 0;
  };
  /** Flushes run one after the other, so a caller that waits for the last one waits for all. */
  const flush = (): Promise<void> => {
    last = last.then(write, write);
    return last;
  };
  return {
    flush,
    record: async (entry, now) => {
      waiting.push(valuesOf(entry, clock));
      if (now || waiting.length >= mostWaiting) return flush();
      if (waiting.length === batch) return void flush().catch(report);
      timer ??= setTimeout(() => void flush().catch(report), pause).unref();
    },
  };
};

const noneNoted: NotedActs = { list: async () => [], forget: async () => {} };

/**
 * The largest power of two in `count`, up to a batch: ten sizes, so that their statements are compiled once.
 */
const powerOfTwoIn = (count: number): number => 2 ** Math.floor(Math.log2(Math.min(count, batch)));

/** Writes one decision within a transaction. */
export const recordIn = (
  db: Kysely<CentralTables>,
  entry: DecisionEntry,
  clock: ClockAndIds,
): Promise<void> => insert(db, [valuesOf(entry, clock)], new Map());

const insert = async (
  db: Kysely<CentralTables>,
  rows: readonly Values[],
  statements: Map<number, string>,
): Promise<void> => {
  const text = statements.get(rows.length) ?? insertText(db, rows.length);
  statements.set(rows.length, text);
  await db.executeQuery(CompiledQuery.raw(text, rows.flat()));
};

const columns = [
  ...(["id", "at", "actor", "command", "args"] as const),
  ...(["effect", "rule_id", "reason", "account"] as const),
] satisfies readonly (keyof DecisionRow)[];

const insertText = (db: Kysely<CentralTables>, count: number): string => {
  const row = Object.fromEntries(columns.map((column) => [column, ""])) as DecisionRow;
  const rows = Array.from({ length: count }, () => row);
  // After a cut connection it is unknown whether the rows were written. They are then written again.
  return db
    .insertInto("decisions")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .compile().sql;
};

/** A row of the log, in the order of `columns`. */
type Values = readonly (string | null)[];

const valuesOf = (entry: DecisionEntry, { id, now }: ClockAndIds): Values => {
  const { actor, command, args, effect, ruleId, reason } = entry;
  const account = actor.type === "host" ? (actor.account ?? null) : null;
  return [id("de"), now(), nameOfActor(actor), command, argsText(args), effect, ruleId, reason, account];
};

const noteOf = ({ id, at, account, command, args }: NotedAct): Values => [
  ...[id, at, "host", command, argsText(args)],
  ...["allow", "host", `An account that may write the data folder ran: gatehouse ${command}`, account],
];

/** Maximum length of all values of one decision, in UTF-16 units. */
const longestArgs = 4_000;

const argsText = (args: Readonly<Record<string, string>>): string => {
  let left = longestArgs;
  const kept = Object.entries(args).map(([name, value]): [string, string] => {
    const text = withoutSecrets(value);
    left -= text.length;
    return [name, left < 0 ? "(not recorded)" : text];
  });
  return JSON.stringify(Object.fromEntries(kept));
};

/**
 * Deletes the oldest rows of the actor that has the most: an agent with a hundred thousand requests must not
 * push out the rows of others, or of other sessions of its group. If no actor has more rows than have to be
 * deleted, the oldest rows of all actors are deleted.
 */
export const pruneDecisions = async (
  db: Kysely<CentralTables>,
  kept: number = keptDecisions,
): Promise<void> => {
  const over = (await countOf(db)) - kept;
  if (over <= 0) return;
  const oldest = db.selectFrom("decisions").select("id").orderBy("at").orderBy("id").limit(over);
  const busiest = await busiestActor(db);
  const gone = busiest.count > over ? oldest.where("actor", "=", busiest.actor) : oldest;
  await db.deleteFrom("decisions").where("id", "in", gone).execute();
};

const countOf = async (db: Kysely<CentralTables>): Promise<number> => {
  const { count } = await db
    .selectFrom("decisions")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
};

const busiestActor = async (
  db: Kysely<CentralTables>,
): Promise<{ readonly actor: string; readonly count: number }> => {
  const { actor, count } = await db
    .selectFrom("decisions")
    .select(({ fn }) => ["actor", fn.countAll<number>().as("count")])
    .groupBy("actor")
    .orderBy("count", "desc")
    .orderBy("actor")
    .limit(1)
    .executeTakeFirstOrThrow();
  return { actor, count: Number(count) };
};
