import type { Kysely } from "kysely";
import type { CommandError, Intent } from "@nc/cli-scope";
import { coalesced, type Result } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { type ClockAndIds, refused, type TransactionHooks } from "@gatehouse/command-context";
import { voidLeases } from "@gatehouse/session-rows";
import type { IntentHandler, IntentHandlers, IntentOutcome } from "./intent-handler.ts";
import {
  claimIntent,
  claimMs,
  openIntents,
  writeIntent,
  writeOutcome,
  type Asker,
  type OpenIntent,
} from "./intent-rows.ts";
import { lanes, type Lanes } from "./lanes.ts";
import { outcomeWaiters } from "./outcome-waiters.ts";

export type IntentLoopOptions = {
  readonly db: Kysely<CentralTables>;
  readonly handlers: IntentHandlers;
  readonly clock: ClockAndIds;
  /** Called with the error of a handler that threw, or of a failed database. */
  readonly report: (error: unknown) => void;
  /** The part of an outcome that agents of this group may look up. By default, all of it. */
  readonly withinGroup?: (outcome: IntentOutcome, command: string, groupId: string) => IntentOutcome;
  /** Maximum time that a command waits for its outcome, ms. */
  readonly waitMs?: number;
  /** The name of this host among the hosts of its database. */
  readonly owner?: HostName;
};

/** The name of a host process, and the prefix that earlier processes of the same host share. */
export type HostName = { readonly name: string; readonly prefix: string };

/** The name of the only host of a file. */
export const soleHost: HostName = { name: "host", prefix: "" };

/** Carries out the intents of one host. */
export type IntentLoop = {
  /** Carries out the intents that the last host left open, and checks for new ones at intervals. */
  readonly start: () => void;
  /** Writes an intent in this transaction and returns its id. It is carried out after the commit. */
  readonly ask: (
    asked: AskOptions,
    intentOf: () => Promise<Result<Intent, CommandError>>,
  ) => Promise<Result<string, CommandError>>;
  /**
   * Resolves with the outcome as soon as it is written; with null after `waitMs`, or when the loop closes.
   */
  readonly outcome: (id: string) => Promise<IntentOutcome | null>;
  /** Ends all waits for outcomes: their commands answer "accepted". */
  readonly endWaits: () => void;
  /** Starts no further intent, and resolves when the running ones have ended. */
  readonly close: () => Promise<void>;
};

/** The caller, and its transaction. */
type AskOptions = Asker & {
  readonly transaction: Kysely<CentralTables>;
  readonly hooks: TransactionHooks;
};

/** Less than the 30 s that `ncl` waits for an answer. */
const defaultWaitMs = 25_000;

/** Interval at which the loop checks for open intents, also those whose outcome could not be written, ms. */
const checkEveryMs = 30_000;

/**
 * Maximum number of intents of one kind that are carried out at once. Limited, since each may start
 * processes.
 */
const mostAtOnce = 8;

/**
 * Intents of one kind about the same session are carried out one after the other, in the order of the
 * requests; so are intents of one kind that name no session. At most eight intents of one kind are carried
 * out at once. Kinds do not wait for each other, since a `wake` may wait long for another host to give its
 * session back.
 */
export const intentLoop = (options: IntentLoopOptions): IntentLoop => {
  const { db, handlers, clock, report, waitMs = defaultWaitMs, owner = soleHost } = options;
  const underWay = new Set<string>();
  const claimed = new Set<string>();
  const lanesOfKinds = new Map<string, Lanes>();
  const waiters = outcomeWaiters(db, waitMs);
  let isClosed = false;
  let timers: readonly NodeJS.Timeout[] = [];

  const finish = async (intent: OpenIntent): Promise<void> => {
    try {
      if (isClosed || !(await claimIntent(db, intent.id, owner.name))) return;
      claimed.add(intent.id);
      const outcome = await carryOutOnce(options, intent, owner.name);
      if (outcome === null) return;
      waiters.written(intent.id, outcome);
      // The handler may have written further intents: a reload ends sessions.
      void check();
    } catch (error) {
      // The database failed. The intent is still open, and will be carried out again.
      report(error);
    } finally {
      claimed.delete(intent.id);
      underWay.delete(intent.id);
    }
  };
  // One check at a time: a second one would read rows that the first is about to start.
  const { run: check, idle } = coalesced(async () => {
    for (const intent of isClosed ? [] : await openIntents(db)) {
      if (underWay.has(intent.id)) continue;
      underWay.add(intent.id);
      lanesOf(intent.kind, lanesOfKinds).run(keysOf(intent), () => finish(intent));
    }
  }, report);

  return {
    ask: async ({ transaction, hooks, source, reach }, intentOf) => {
      const intent = await intentOf();
      if (!intent.ok) return intent;
      if (!Object.hasOwn(handlers, intent.value.kind)) return notCarriedOut(intent.value.kind);
      hooks.onCommit(async () => void check());
      return { ok: true, value: await writeIntent(transaction, { source, reach }, intent.value, clock) };
    },
    start: () => {
      const { name: except, prefix } = owner;
      void voidLeases(db, { except, prefix }).catch(report).then(check);
      timers = [
        setInterval(() => void check(), checkEveryMs),
        setInterval(() => {
          for (const id of claimed) void claimIntent(db, id, owner.name).catch(report);
        }, claimMs / 3),
      ];
    },
    outcome: waiters.outcome,
    endWaits: waiters.endWaits,
    close: async () => {
      isClosed = true;
      for (const timer of timers) clearInterval(timer);
      waiters.endWaits();
      await idle();
      await Promise.all([...lanesOfKinds.values()].map(({ ended }) => ended()));
    },
  };
};

const lanesOf = (kind: string, all: Map<string, Lanes>): Lanes => {
  const ofKind = all.get(kind) ?? lanes(mostAtOnce);
  all.set(kind, ofKind);
  return ofKind;
};

/** Carries out an intent, and writes its outcome if this host still has the claim. Null if it stays open. */
const carryOutOnce = async (
  options: IntentLoopOptions,
  intent: OpenIntent,
  owner: string,
): Promise<IntentOutcome | null> => {
  const { db, handlers, clock, report } = options;
  const outcome = await carryOut(handlers, intent, report);
  if (outcome === null) return null;
  await writeOutcome(db, { id: intent.id, owner }, keptOf(intent, outcome, options), clock.now());
  return outcome;
};

/** The lanes of an intent: one for its kind and each of its sessions, which it must not overtake. */
const keysOf = ({ kind, payload }: OpenIntent): readonly string[] => {
  const { sessionIds = [] } = (JSON.parse(payload) ?? {}) as { readonly sessionIds?: readonly unknown[] };
  return sessionIds.length === 0 ? [kind] : sessionIds.map((id) => `${kind} ${String(id)}`);
};

/** The part of an outcome that is written: the part that the caller's group may look up. */
const keptOf = (
  { command, agent_group_id: groupId }: OpenIntent,
  outcome: IntentOutcome,
  { withinGroup }: IntentLoopOptions,
): IntentOutcome =>
  groupId === null || withinGroup === undefined ? outcome : withinGroup(outcome, command, groupId);

/**
 * Calls the handler. A handler that throws has a bug: the caller gets an error, so that the intent is not retried
 * forever.
 */
const carryOut = async (
  handlers: Readonly<Record<string, IntentHandler<never> | undefined>>,
  { id, kind, command, payload }: OpenIntent,
  report: (error: unknown) => void,
): Promise<IntentOutcome | null> => {
  const handler = handlers[kind];
  if (handler === undefined) return notCarriedOut(kind);
  try {
    // A command of this program wrote the payload, in the form of its kind.
    return await handler(JSON.parse(payload) as never, id);
  } catch (error) {
    report(error);
    return refused("handler-error", `"${command}" failed inside the host. The host's log has the cause.`);
  }
};

/** The outcome for a kind without a handler. */
const notCarriedOut = (kind: string): Result<never, CommandError> =>
  refused("handler-error", `This host does not carry out "${kind}".`);
