import { homedir } from "node:os";
import type { Kysely } from "kysely";
import type { Command, CommandHost, Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import { answering } from "../approvals/answering.ts";
import { expireApprovals } from "../approvals/expire.ts";
import { forgetOldApprovals } from "../approvals/forget.ts";
import { hold } from "../approvals/hold.ts";
import { runApproved } from "../approvals/run-approved.ts";
import type { Central } from "../database/open-central.ts";
import type { CentralTables } from "../database/tables.ts";
import { decisionLog } from "../decisions/decision-log.ts";
import type { Carriers } from "../intents/carrier.ts";
import { intentLoop, soleHost, type HostName, type IntentLoop } from "../intents/intent-loop.ts";
import { forgetOldIntents } from "../intents/intent-rows.ts";
import {
  commands as resourceCommands,
  elsewhere,
  resourceSentences,
  storedTables,
} from "../resources/index.ts";
import { withFence, type HeldLease } from "../sessions/leases.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { refused } from "../world/reply.ts";
import { hookList, type TransactionHooks } from "../world/transaction-hooks.ts";
import { sessionsIntent, type StopSessions } from "../world/sessions/sessions-intent.ts";
import { authorizationIn } from "../world/authorization.ts";
import { timeOrderedId } from "../world/time-ordered-id.ts";
import { inTransaction, type Work } from "../world/transact.ts";
import {
  contextFor,
  type CommandContext,
  type ContextDeps,
  type ReadContext,
} from "../world/command-context.ts";
import { approvalHost } from "./approval-host.ts";
import { lookUp, withinGroupBy } from "./outcomes.ts";
import { readOnly } from "./read-only.ts";
import { referred } from "./referred.ts";
import { fencedError, troubleOf } from "./trouble.ts";

export type CommandHostOptions = {
  /** The folder that contains `groups/`. */
  readonly dataDir: string;
  /** ISO 8601, UTC. */
  readonly now?: () => string;
  /** `ag` gives `ag-<uuid>`. */
  readonly newId?: (prefix: string) => string;
  /** The operator's home, which no container gets. */
  readonly home?: string;
  /** The runtime of this host's agents. Without it every field is taken as applied. */
  readonly runtime?: ContextDeps["runtime"];
  /** Commands in addition to those of the resources. */
  readonly commands?: readonly Command<CommandContext, ReadContext>[];
  /** The carriers for the acts of this host. */
  readonly carriers?: Carriers;
  /** Names this host among those of a server. */
  readonly owner?: HostName;
  /** Called after a command that may have changed something. */
  readonly changed?: () => void;
  /** Called with a bug, and with an error of the decision log. */
  readonly report: (error: unknown) => void;
};

/** The host's side of dispatch, with the host's own tasks. */
export type CentralCommandHost = CommandHost<CommandContext, ReadContext> & {
  /**
   * Ends approvals whose time is over and tells their sessions; deletes approvals and intents that ended long
   * ago. Returns how many approvals it ended. Call it now and then.
   */
  readonly expireApprovals: () => Promise<number>;
  /** Writes the waiting decisions. Call it before the database is closed. */
  readonly flush: () => Promise<void>;
  /** Carries out what acts ask for. Start it once, and close it before the database. */
  readonly intents: Pick<IntentLoop, "start" | "close">;
  /** The same for the agent of a session: it changes nothing once another host has this lease. */
  readonly fenced: (lease: HeldLease, settle: Settle) => CommandHost<CommandContext, ReadContext>;
};

/**
 * Called in the transaction of a command before it is committed: with the reply of a change, and with null where an
 * intent or an approval was written, whose answer comes later. False rolls the transaction back: another host has the session.
 */
export type Settle = (transaction: Kysely<CentralTables>, reply: Reply | null) => Promise<boolean>;

const anyRuntime: ContextDeps["runtime"] = { name: "any", cannot: {} };

/** The host's side of dispatch, on its central database. */
export const centralCommandHost = (central: Central, options: CommandHostOptions): CentralCommandHost => {
  const { dataDir, report, carriers = {}, home = homedir(), changed = () => {} } = options;
  const { now = () => new Date().toISOString(), newId = timeOrderedId } = options;
  const { owner = soleHost, runtime = anyRuntime } = options;
  const { db, reading } = central;
  const clock = { now, id: newId };
  const commands = [...resourceCommands, ...(options.commands ?? [])];
  const writtenFirst = writtenFirstAmong(commands);
  const all = { ...clock, commands };
  const log = decisionLog(db, clock, report);
  const deps: ContextDeps = {
    ...clock,
    dataDir,
    home,
    runtime,
    report,
    tables: storedTables,
    selects: new Map(),
    stopsIn: (transaction, hooks) => stopsIn({ transaction, hooks, intents, carriers }),
    answering: (transaction, hooks) =>
      answering(transaction, all, (approval) => {
        const approved = `approved by ${approval.answered_by ?? "nobody"} (${approval.approval_id})`;
        const ground = { transaction, deps, hooks, intents, commands, approved };
        return runApproved(transaction, approval, approvalHost(ground));
      }),
  };
  const withinGroup = withinGroupBy(commands);
  const intents = intentLoop({ db, carriers, clock, report, withinGroup, owner });
  const hostWithin = (within: Within): CommandHost<CommandContext, ReadContext> => ({
    resources: resourceSentences,
    troubleOf,
    commands,
    referred,
    elsewhere,
    ...authorizationIn(reading),
    read: (reach, run) => run(readOnly(contextFor(reading, reach, deps, hookList()))),
    change: changeBy(within, deps, changed),
    acts: { ask: askBy(within, intents, deps), outcome: intents.outcome, lookUp },
    hold: (held) =>
      within(async (transaction) => {
        const authorization = await authorizationIn(transaction).authorization(held.actor);
        if (authorization === null) return refused("forbidden", "This session no longer exists.");
        return hold(transaction, held, authorization.scope, all);
      }),
    record: (entry) => log.record(entry, entry.effect !== "deny" && writtenFirst.has(entry.command)),
    report,
  });
  return {
    ...hostWithin((work) => inTransaction(db, work)),
    fenced: (lease, settle) => hostWithin(fencedBy(db, lease, settle)),
    expireApprovals: () => db.transaction().execute((transaction) => tidyUp(transaction, clock, owner)),
    flush: log.flush,
    intents,
  };
};

const changeBy =
  (
    within: Within,
    deps: ContextDeps,
    changed: () => void,
  ): CommandHost<CommandContext, ReadContext>["change"] =>
  async (reach, run) => {
    const done = await within(
      (transaction, hooks) => run(contextFor(transaction, reach, deps, hooks)),
      // Only `dispatch` runs changes here, and what it runs ends with a reply.
      (value) => value as Reply,
    );
    changed();
    return done;
  };

/** Writes an intent in the transaction that looks at what it is about. */
const askBy =
  (
    within: Within,
    intents: IntentLoop,
    deps: ContextDeps,
  ): NonNullable<CommandHost<CommandContext, ReadContext>["acts"]>["ask"] =>
  (source, reach, intentOf) =>
    within((transaction, hooks) =>
      intents.ask({ transaction, hooks, source, reach }, () =>
        intentOf(readOnly(contextFor(transaction, reach, deps, hooks))),
      ),
    );

/** Runs the work of a command in a transaction. Without `replyOf` its answer comes later. */
type Within = <T, E>(work: Work<T, E>, replyOf?: (value: T) => Reply) => Promise<Result<T, E>>;

/** The lease is looked at in the transaction of the work; without it the transaction is undone. */
const fencedBy =
  (db: Kysely<CentralTables>, { sessionId, token }: HeldLease, settle: Settle): Within =>
  (work, replyOf) =>
    inTransaction(db, async (transaction, hooks) => {
      const fence = await withFence(transaction, sessionId, token);
      if (!fence.ok) throw fencedError(fence.error.message);
      const done = await work(transaction, hooks);
      if (done.ok && !(await settle(transaction, replyOf?.(done.value) ?? null)))
        throw fencedError(`Another host has the session ${sessionId}.`);
      return done;
    });

type StopGround = {
  readonly transaction: Kysely<CentralTables>;
  readonly hooks: TransactionHooks;
  readonly intents: IntentLoop;
  readonly carriers: Carriers;
};

/** A host that runs no sessions has none to stop. */
const stopsIn =
  ({ transaction, hooks, intents, carriers }: StopGround): StopSessions =>
  async (payload, command) => {
    if (carriers.stop === undefined) return;
    const source = { actor: { type: "host" }, command } as const;
    await intents.ask({ transaction, hooks, source, reach: "all" }, async () =>
      sessionsIntent("stop", payload),
    );
  };

const tidyUp = async (
  transaction: Kysely<CentralTables>,
  clock: ClockAndIds,
  { prefix }: HostName,
): Promise<number> => {
  await forgetOldApprovals(transaction, clock.now()).execute();
  await forgetOldIntents(transaction, clock.now()).execute();
  return expireApprovals(transaction, clock, prefix);
};

/**
 * Commands whose decision is written before they run: those that change something, and those that are not
 * open to all. `decisions list` is one of them, since it shows all earlier decisions.
 */
const writtenFirstAmong = (commands: readonly Command<CommandContext, ReadContext>[]): ReadonlySet<string> =>
  new Set(
    commands.filter(({ effect, access }) => effect !== "read" || access !== "open").map(({ words }) => words),
  );
