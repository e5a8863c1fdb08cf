import type { Kysely } from "kysely";
import type { DecisionEntry } from "@nc/cli-scope";
import { turns } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "../context/clock-and-ids.ts";
import { nameOfActor } from "../context/name-of-actor.ts";
import type { Entry } from "./chain.ts";
import { appendDecisions, keptDecisions, pruneDecisions } from "./log-chain.ts";
import { noteEnd } from "./seen-end.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Time that a decision may wait to be written together with others, ms. */
const pause = 200;
/** This number of waiting decisions is written without a pause. */
const batch = 512;
/** Maximum number of waiting decisions while the database is busy; beyond it, callers wait. */
const mostWaiting = 64 * batch;
/** What writes decisions: a clock, and the data folder that has the key of the log. */
export type LogDeps = ClockAndIds & { readonly dataDir: string };

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
  deps: LogDeps,
  report: (error: unknown) => void,
  { kept = keptDecisions, noted = noneNoted }: { readonly kept?: number; readonly noted?: NotedActs } = {},
): DecisionLog => {
  const { dataDir } = deps;
  const waiting: Entry[] = [];
  /** Compiled statements by their number of rows, since compiling a statement costs more than running it. */
  const statements = new Map<number, string>();
  let timer: NodeJS.Timeout | null = null;
  // Infinity forces a prune at the first write: without it, the rows of many short-lived processes would pile
  // up.
  let sincePruned = Number.POSITIVE_INFINITY;
  const { inTurn } = turns();

  const append = (rows: readonly Entry[]): Promise<void> =>
    db.transaction().execute((transaction) => appendDecisions(transaction, dataDir, rows, statements));
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
      await append(rows);
      waiting.splice(0, rows.length);
      left -= rows.length;
      sincePruned += rows.length;
    }
    const acts = await noted.list();
    for (const act of acts) await append([noteOf(act)]);
    await noted.forget(acts.map(({ id }) => id));
    sincePruned += acts.length;
    if (sincePruned >= kept / 20) {
      await pruneDecisions(db, dataDir, kept);
      sincePruned = 0;
    }
    await noteEnd(db, dataDir);
  };
  /** Flushes run one after the other, so a caller that waits for the last one waits for all. */
  const flush = (): Promise<void> => inTurn("flush", write);
  return {
    flush,
    record: async (entry, now) => {
      waiting.push(rowOf(entry, deps));
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

/** Writes one decision within a transaction, which does little after it: until its end, other writers of decisions wait. */
export const recordIn = (db: Kysely<CentralTables>, entry: DecisionEntry, deps: LogDeps): Promise<void> =>
  appendDecisions(db, deps.dataDir, [rowOf(entry, deps)]);

/** The row of a decision. */
export const rowOf = (entry: DecisionEntry, { id, now }: ClockAndIds): Entry => {
  const { actor, command, args, effect, ruleId, reason } = entry;
  const account = actor.type === "host" ? (actor.account ?? null) : null;
  return {
    id: id("de"),
    at: now(),
    actor: nameOfActor(actor),
    command,
    args: argsText(args),
    effect,
    rule_id: ruleId,
    reason,
    account,
  };
};

const noteOf = ({ id, at, account, command, args }: NotedAct): Entry => ({
  id,
  at,
  actor: "host",
  command,
  args: argsText(args),
  effect: "allow",
  rule_id: "host",
  reason: `An account that may write the data folder ran: gatehouse ${command}`,
  account,
});

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
