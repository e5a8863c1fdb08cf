import { homedir } from "node:os";
import type { Kysely } from "kysely";
import type { Command, CommandHost } from "@nc/cli-scope";
import { answering } from "../approvals/answering.ts";
import { expireApprovals } from "../approvals/expire.ts";
import { forgetOldApprovals } from "../approvals/forget.ts";
import { hold } from "../approvals/hold.ts";
import { runApproved } from "../approvals/run-approved.ts";
import type { Central } from "../database/open-central.ts";
import type { CentralTables } from "../database/tables.ts";
import { decisionLog } from "../decisions/decision-log.ts";
import type { Carriers } from "../intents/carrier.ts";
import { intentLoop, type HostName, type IntentLoop } from "../intents/intent-loop.ts";
import { forgetOldIntents } from "../intents/intent-rows.ts";
import { commands as resourceCommands, resourceSentences, storedTables } from "../resources/index.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { refused } from "../world/reply.ts";
import { hookList, type TransactionHooks } from "../world/transaction-hooks.ts";
import { sessionsIntent, type StopSessions } from "../world/sessions/sessions-intent.ts";
import { authorizationIn } from "../world/authorization.ts";
import { timeOrderedId } from "../world/time-ordered-id.ts";
import { inTransaction } from "../world/transact.ts";
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
import { troubleOf } from "./trouble.ts";

export type CommandHostOptions = {
  /** The folder that contains `groups/`. */
  readonly dataDir: string;
  /** ISO 8601, UTC. */
  readonly now?: () => string;
  /** `ag` gives `ag-<uuid>`. */
  readonly newId?: (prefix: string) => string;
  /** The operator's home, which no container gets. */
  readonly home?: string;
  /** Commands in addition to those of the resources. */
  readonly commands?: readonly Command<CommandContext, ReadContext>[];
  /** The carriers for the acts of this host. */
  readonly carriers?: Carriers;
  /** Names this host among those of a server. */
  readonly owner?: HostName;
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
};

/** The host's side of dispatch, on its central database. */
export const centralCommandHost = (central: Central, options: CommandHostOptions): CentralCommandHost => {
  const { dataDir, report, carriers = {}, home = homedir() } = options;
  const { now = () => new Date().toISOString(), newId = timeOrderedId } = options;
  const named = options.owner === undefined ? {} : { owner: options.owner };
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
  const intents = intentLoop({ db, carriers, clock, report, withinGroup, ...named });
  return {
    resources: resourceSentences,
    troubleOf,
    commands,
    referred,
    ...authorizationIn(reading),
    read: (reach, run) => run(readOnly(contextFor(reading, reach, deps, hookList()))),
    change: (reach, run) =>
      inTransaction(db, (transaction, hooks) => run(contextFor(transaction, reach, deps, hooks))),
    acts: {
      ask: (source, reach, intentOf) =>
        inTransaction(db, (transaction, hooks) =>
          intents.ask({ transaction, hooks, source, reach }, () =>
            intentOf(readOnly(contextFor(transaction, reach, deps, hooks))),
          ),
        ),
      outcome: intents.outcome,
      lookUp,
    },
    hold: (held) =>
      inTransaction(db, async (transaction) => {
        const authorization = await authorizationIn(transaction).authorization(held.actor);
        if (authorization === null) return refused("forbidden", "This session is no longer there.");
        return hold(transaction, held, authorization.scope, all);
      }),
    record: (entry) => log.record(entry, entry.effect !== "deny" && writtenFirst.has(entry.command)),
    report,
    expireApprovals: () => db.transaction().execute((transaction) => tidyUp(transaction, clock)),
    flush: log.flush,
    intents,
  };
};

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

const tidyUp = async (transaction: Kysely<CentralTables>, clock: ClockAndIds): Promise<number> => {
  await forgetOldApprovals(transaction, clock.now()).execute();
  await forgetOldIntents(transaction, clock.now()).execute();
  return expireApprovals(transaction, clock);
};

/**
 * Commands whose decision is written before they run: those that change something, and those that are not
 * open to all. `decisions list` is one of them, since it shows all earlier decisions.
 */
const writtenFirstAmong = (commands: readonly Command<CommandContext, ReadContext>[]): ReadonlySet<string> =>
  new Set(
    commands.filter(({ effect, access }) => effect !== "read" || access !== "open").map(({ words }) => words),
  );
