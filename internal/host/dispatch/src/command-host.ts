import { homedir } from "node:os";
import type { Kysely } from "kysely";
import type { Command, CommandHost, Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import { answering, expireApprovals, forgetOldApprovals, hold, runApproved } from "@gatehouse/approvals";
import type { Central, CentralTables } from "@gatehouse/central-database";
import {
  decisionLog,
  pruneDecisions,
  type AskSessions,
  type ClockAndIds,
  refused,
  hookList,
  noteEnd,
  type TransactionHooks,
  sessionsIntent,
  authorizationIn,
  timeOrderedId,
  inTransaction,
  rehearsedFolders,
  type Work,
  contextFor,
  type CommandContext,
  type ContextDeps,
  type ReadContext,
} from "@gatehouse/command-context";
import {
  type IntentHandlers,
  intentLoop,
  soleHost,
  type HostName,
  type IntentLoop,
  forgetOldIntents,
} from "@gatehouse/intents";
import {
  commands as resourceCommands,
  elsewhere,
  resourceSentences,
  storedTables,
} from "@gatehouse/commands";
import { notedActsIn } from "@gatehouse/data-folder";
import { agentOfSession, messageWays, withFence, type HeldLease } from "@gatehouse/session-rows";
import { runNow } from "@gatehouse/tasks/fire";
import { lastOutcomes, taskRuns } from "@gatehouse/tasks/runs";
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
  /** Makes ids: `ag` gives `ag-<uuid>`. */
  readonly newId?: (prefix: string) => string;
  /** The operator's home, which no container may mount. */
  readonly home?: string;
  /** The runtime of this host's agents. Without it every field is taken as applied. */
  readonly runtime?: ContextDeps["runtime"];
  /** The place of groups whose agents run on another machine. */
  readonly machine?: ContextDeps["machine"];
  /** Asks the CLI of a provider about a model. Without it every name is saved unchecked. */
  readonly checkModel?: ContextDeps["checkModel"];
  /** The names of secrets that this host does not have for a group. Without it no secret counts as missing. */
  readonly missingSecrets?: ContextDeps["missingSecrets"];
  /** Commands in addition to those of the resources. */
  readonly commands?: readonly Command<CommandContext, ReadContext>[];
  /** The handlers for the acts of this host. */
  readonly handlers?: IntentHandlers;
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
   * Expires approvals whose time is over and tells their sessions; deletes approvals and intents that ended
   * long ago. Returns the number of expired approvals. Call it at intervals.
   */
  readonly expireApprovals: () => Promise<number>;
  /** Writes the waiting decisions. Call it before the database is closed. */
  readonly flush: () => Promise<void>;
  /** The loop that carries out intents. Start it once, and close it before the database. */
  readonly intents: Pick<IntentLoop, "start" | "endWaits" | "close">;
  /**
   * The same host for the agent of a session: commands change nothing after another host has taken this
   * lease.
   */
  readonly fenced: (lease: HeldLease, settle: Settle) => CommandHost<CommandContext, ReadContext>;
};

/**
 * Called in the transaction of a command before its commit: with the reply of a change, or with null for an
 * intent or an approval, whose answer comes later. It returns false if another host has the session, which
 * rolls the transaction back.
 */
export type Settle = (transaction: Kysely<CentralTables>, reply: Reply | null) => Promise<boolean>;

const anyRuntime: ContextDeps["runtime"] = {
  name: "any",
  isolation: "container",
  cannot: {},
};
const anyMachine: ContextDeps["machine"] = { name: "machine", isolation: "process", cannot: {} };
const noneMissing: ContextDeps["missingSecrets"] = () => Promise.resolve([]);
const noCheck: ContextDeps["checkModel"] = () => Promise.resolve({ unknown: [], notes: [], unasked: null });

/** The host's side of dispatch, on its central database. */
export const centralCommandHost = (central: Central, options: CommandHostOptions): CentralCommandHost => {
  const { dataDir, report, handlers = {}, home = homedir(), changed = () => {} } = options;
  const { now = () => new Date().toISOString(), newId = timeOrderedId } = options;
  const { owner = soleHost, runtime = anyRuntime, machine = anyMachine, checkModel = noCheck } = options;
  const { missingSecrets = noneMissing } = options;
  const { db, reading } = central;
  const clock = { now, id: newId };
  const commands = [...resourceCommands, ...(options.commands ?? [])];
  const writtenFirst = writtenFirstAmong(commands);
  const all = { ...clock, commands, dataDir };
  const log = decisionLog(db, { ...clock, dataDir }, report, { noted: notedActsIn(dataDir) });
  const deps: ContextDeps = {
    ...clock,
    dataDir,
    home,
    runtime,
    machine,
    checkModel,
    missingSecrets,
    report,
    tables: storedTables,
    selects: new Map(),
    asksIn: (transaction, hooks) => asksIn({ transaction, hooks, intents, handlers }),
    agentsIn: (transaction) => (sessionId, own) => agentOfSession(transaction, sessionId, own),
    messagesIn: (transaction) => (sessionId, limit) => messageWays(transaction, sessionId, limit),
    tasksIn: (transaction) => ({
      taskRuns: (taskId, limit) => taskRuns(transaction, taskId, limit),
      lastOutcomes: (taskIds) => lastOutcomes(transaction, taskIds),
      runTask: (taskId) => runNow({ db: transaction, owner: "", id: newId }, taskId, Date.parse(now())),
    }),
    answering: (transaction, hooks) =>
      answering(transaction, all, (approval, record) => {
        const approved = `approved by ${approval.answered_by ?? "an unknown person"} (${approval.approval_id})`;
        const answerDeps = { transaction, deps, hooks, intents, commands, approved, record };
        return runApproved(transaction, approval, approvalHost(answerDeps));
      }),
  };
  const withinGroup = withinGroupBy(commands);
  const intents = intentLoop({ db, handlers, clock, report, withinGroup, owner });
  const hostWithin = (within: Within): CommandHost<CommandContext, ReadContext> => ({
    resources: resourceSentences,
    troubleOf,
    commands,
    referred,
    elsewhere,
    ...authorizationIn(reading),
    read: (reach, run) => run(readOnly(contextFor(reading, reach, deps, hookList()))),
    change: changeBy(within, deps, changed),
    rehearse: rehearseBy(db, deps),
    acts: { ask: askBy(within, intents, deps), outcome: intents.outcome, lookUp },
    hold: async (held) => {
      const kept = await within(async (transaction) => {
        const authorization = await authorizationIn(transaction).authorization(held.actor);
        if (authorization === null) return refused("forbidden", "This session no longer exists.");
        return hold(transaction, held, authorization.scope, all);
      });
      changed();
      return kept;
    },
    record: (entry) => log.record(entry, entry.effect !== "deny" && writtenFirst.has(entry.command)),
    report,
  });
  return {
    ...hostWithin((work) => inTransaction(db, work)),
    fenced: (lease, settle) => hostWithin(fencedBy(db, lease, settle)),
    expireApprovals: async () => {
      const expired = await db.transaction().execute((transaction) => tidyUp(transaction, clock, owner));
      // Decisions about tools are written with the session's rows, past the log that prunes by itself.
      await pruneDecisions(db, dataDir);
      await noteEnd(db, dataDir);
      if (expired > 0) changed();
      return expired;
    },
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
      // Only `dispatch` runs changes here, and each of them returns a reply.
      (value) => value as Reply,
    );
    changed();
    return done;
  };

/**
 * Runs a command in a transaction that is always rolled back. The command is taken as approved: what a person confirms by an
 * approval is no reason to ask no person.
 */
const rehearseBy =
  (
    db: Kysely<CentralTables>,
    deps: ContextDeps,
  ): NonNullable<CommandHost<CommandContext, ReadContext>["rehearse"]> =>
  async (reach, run) => {
    const done = await inTransaction(db, async (transaction) => {
      // Nothing may happen after it.
      const context = contextFor(transaction, reach, deps, hookList());
      const result = await run({ ...context, folders: rehearsedFolders(deps), approved: "rehearsed" });
      return { ok: false, error: result.ok ? null : result.error };
    });
    return done.ok ? null : done.error;
  };

/** Writes an intent in the same transaction in which the command reads the rows that the intent is about. */
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

/** Runs the work of a command in a transaction. Without `replyOf` the answer of the command comes later. */
type Within = <T, E>(work: Work<T, E>, replyOf?: (value: T) => Reply) => Promise<Result<T, E>>;

/** Checks the lease in the transaction of the work. Without the lease the transaction is rolled back. */
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

type AskDeps = {
  readonly transaction: Kysely<CentralTables>;
  readonly hooks: TransactionHooks;
  readonly intents: IntentLoop;
  readonly handlers: IntentHandlers;
};

/** Writes intents that restart or stop sessions. Does nothing on a host that runs no sessions. */
const asksIn =
  ({ transaction, hooks, intents, handlers }: AskDeps): AskSessions =>
  async (kind, payload, command) => {
    if (handlers[kind] === undefined) return;
    const source = { actor: { type: "host" }, command } as const;
    await intents.ask({ transaction, hooks, source, reach: "all" }, async () =>
      sessionsIntent(kind, payload),
    );
  };

const tidyUp = async (
  transaction: Kysely<CentralTables>,
  clock: ClockAndIds,
  { prefix }: HostName,
): Promise<number> => {
  await forgetOldApprovals(transaction, clock.now()).execute();
  await forgetOldIntents(transaction, clock.now());
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
