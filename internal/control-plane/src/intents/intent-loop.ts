import type { Kysely } from "kysely";
import type { CommandError, Intent, Json } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { refused } from "../world/reply.ts";
import type { TransactionHooks } from "../world/transaction-hooks.ts";
import type { Carrier, Carriers, Outcome } from "./carrier.ts";
import {
  claimIntent,
  claimMs,
  openIntents,
  renewClaims,
  voidClaims,
  writeIntent,
  writeOutcome,
  type Asker,
  type OpenIntent,
} from "./intent-rows.ts";
import { lanes, type Lanes } from "./lanes.ts";
import { outcomeWaiters } from "./outcome-waiters.ts";

export type IntentLoopOptions = {
  readonly db: Kysely<CentralTables>;
  readonly carriers: Carriers;
  readonly clock: ClockAndIds;
  /** Called with the error of a carrier that threw, or of a database that failed. */
  readonly report: (error: unknown) => void;
  /** The part of an outcome that agents of this group may look up. By default, all of it. */
  readonly withinGroup?: (outcome: Outcome, command: string, groupId: string) => Outcome;
  /** Maximum wait of a command for its outcome, ms. */
  readonly waitMs?: number;
  /** Names this host among those of its database. */
  readonly owner?: HostName;
};

/** The name of a host process, and how the names of earlier processes of the same host begin. */
export type HostName = { readonly name: string; readonly prefix: string };

/** The one host of a file. */
export const soleHost: HostName = { name: "host", prefix: "" };

/** Carries out the intents of one host. */
export type IntentLoop = {
  /** Carries out the intents that the last host left open, and looks for new ones now and then. */
  readonly start: () => void;
  /** Writes an intent in this transaction and returns its id. It is carried out after the commit. */
  readonly ask: (
    asked: AskedIn,
    intentOf: () => Promise<Result<Intent, CommandError>>,
  ) => Promise<Result<string, CommandError>>;
  /**
   * Resolves with the outcome as soon as it is written; with null after `waitMs`, or when the loop closes.
   */
  readonly outcome: (id: string) => Promise<Outcome | null>;
  /** Starts no further intent, and resolves when the running ones have ended. */
  readonly close: () => Promise<void>;
};

/** The caller, and its transaction. */
type AskedIn = Asker & {
  readonly transaction: Kysely<CentralTables>;
  readonly hooks: TransactionHooks;
};

/** `ncl` waits 30 s for an answer. */
const defaultWaitMs = 25_000;

/** Interval of retries for an intent whose outcome could not be written, ms. */
const lookEveryMs = 10_000;

/** Intents of one kind that are carried out at once. Each may start processes. */
const mostAtOnce = 8;

/**
 * Intents of one kind about the same session are carried out one after the other, in the order of the requests;
 * so are those of one kind that name no session. Of one kind eight are carried out at once; kinds do not wait
 * for each other, for a wake may wait for long until another host lets its session go.
 */
export const intentLoop = (options: IntentLoopOptions): IntentLoop => {
  const { db, carriers, clock, report, waitMs = defaultWaitMs, owner = soleHost } = options;
  const underWay = new Set<string>();
  const lanesOfKinds = new Map<string, Lanes>();
  const waiters = outcomeWaiters(db, waitMs);
  let isClosed = false;
  let timers: readonly NodeJS.Timeout[] = [];
  let looking: Promise<void> = Promise.resolve();

  const finish = async (intent: OpenIntent): Promise<void> => {
    try {
      if (isClosed || !(await claimIntent(db, intent.id, owner.name))) return;
      const outcome = await carryOutOnce(options, intent, owner.name);
      if (outcome === null) return;
      waiters.written(intent.id, outcome);
      // What was carried out may have asked for more: a reload ends sessions.
      wake();
    } catch (error) {
      // The database failed. The intent is still open, and is carried out again.
      report(error);
    } finally {
      underWay.delete(intent.id);
    }
  };
  const look = async (): Promise<void> => {
    for (const intent of isClosed ? [] : await openIntents(db)) {
      if (underWay.has(intent.id)) continue;
      underWay.add(intent.id);
      lanesOf(intent.kind, lanesOfKinds).run(keysOf(intent), () => finish(intent));
    }
  };
  // One look at a time: a second one would read rows that the first is about to take.
  const wake = (): void => void (looking = looking.then(look).catch(report));

  return {
    ask: async ({ transaction, hooks, source, reach }, intentOf) => {
      const intent = await intentOf();
      if (!intent.ok) return intent;
      if (!Object.hasOwn(carriers, intent.value.kind)) return notCarriedOut(intent.value.kind);
      hooks.onCommit(async () => wake());
      return { ok: true, value: await writeIntent(transaction, { source, reach }, intent.value, clock) };
    },
    start: () => {
      looking = looking.then(() => voidClaims(db, owner.prefix)).catch(report);
      wake();
      timers = [
        setInterval(wake, lookEveryMs),
        setInterval(() => void (underWay.size > 0 && renewClaims(db, owner.name).catch(report)), claimMs / 3),
      ];
    },
    outcome: waiters.outcome,
    close: async () => {
      isClosed = true;
      for (const timer of timers) clearInterval(timer);
      waiters.sendAway();
      await looking;
      await Promise.all([...lanesOfKinds.values()].map(({ ended }) => ended()));
    },
  };
};

const lanesOf = (kind: string, all: Map<string, Lanes>): Lanes => {
  const its = all.get(kind) ?? lanes(mostAtOnce);
  all.set(kind, its);
  return its;
};

/** Carries an intent out and writes its outcome, if this host still has it. Null: it is left open. */
const carryOutOnce = async (
  options: IntentLoopOptions,
  intent: OpenIntent,
  owner: string,
): Promise<Outcome | null> => {
  const { db, carriers, clock, report } = options;
  const outcome = await carryOut(carriers, intent, report);
  if (outcome === null) return null;
  await writeOutcome(db, { id: intent.id, owner }, keptOf(intent, outcome, options), clock.now());
  return outcome;
};

/** What an intent may not overtake: one of the same kind about one of its sessions. */
const keysOf = ({ kind, payload }: OpenIntent): readonly string[] => {
  const { sessionIds = [] } = (JSON.parse(payload) ?? {}) as { readonly sessionIds?: readonly unknown[] };
  return sessionIds.length === 0 ? [kind] : sessionIds.map((id) => `${kind} ${String(id)}`);
};

/** The part of an outcome that is written: what the caller's group may look up. */
const keptOf = (
  { command, agent_group_id: groupId }: OpenIntent,
  outcome: Outcome,
  { withinGroup }: IntentLoopOptions,
): Outcome =>
  groupId === null || withinGroup === undefined ? outcome : withinGroup(outcome, command, groupId);

/** A carrier that throws has a bug. The caller gets an error, and the intent is not retried for ever. */
const carryOut = async (
  carriers: Readonly<Record<string, Carrier | undefined>>,
  { id, kind, command, payload }: OpenIntent,
  report: (error: unknown) => void,
): Promise<Outcome | null> => {
  const carrier = carriers[kind];
  if (carrier === undefined) return notCarriedOut(kind);
  try {
    return await carrier(JSON.parse(payload) as Json, id);
  } catch (error) {
    report(error);
    return refused("handler-error", `"${command}" failed inside the host. The host's log has the cause.`);
  }
};

/** For a kind without a carrier. */
const notCarriedOut = (kind: string): Result<never, CommandError> =>
  refused("handler-error", `This host does not carry out "${kind}".`);
