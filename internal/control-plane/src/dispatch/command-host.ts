import { homedir } from "node:os";
import type { Kysely } from "kysely";
import type { CommandHost } from "@nc/cli-scope";
import { isBusy } from "@gatehouse/sqlite";
import { answering } from "../approvals/answering.ts";
import { expireApprovals } from "../approvals/expire.ts";
import { forgetOldApprovals } from "../approvals/forget.ts";
import { hold } from "../approvals/hold.ts";
import { runApproved } from "../approvals/run-approved.ts";
import type { Central } from "../database/open-central.ts";
import type { CentralTables } from "../database/tables.ts";
import { decisionLog, recordIn } from "../decisions/decision-log.ts";
import { commands, resourceSentences, storedTables } from "../resources/index.ts";
import { refused } from "../world/reply.ts";
import { hookList, type TransactionHooks } from "../world/transaction-hooks.ts";
import { authorizationIn } from "../world/authorization.ts";
import { timeOrderedId } from "../world/time-ordered-id.ts";
import { inSavepoint, inTransaction } from "../world/transact.ts";
import { contextFor, type ContextDeps, type CommandContext } from "../world/command-context.ts";

export type CommandHostOptions = {
  /** Where `groups/` is. */
  readonly dataDir: string;
  /** ISO 8601, UTC. */
  readonly now?: () => string;
  /** `ag` gives `ag-<uuid>`. */
  readonly newId?: (prefix: string) => string;
  /** The operator's home, which no container is given. */
  readonly home?: string;
  /** Told of a bug, and of a decision log that could not be written. */
  readonly report: (error: unknown) => void;
};

/** What dispatch asks of the host, and what the host itself does with it. */
export type CentralCommandHost = CommandHost<CommandContext> & {
  /**
   * Ends approvals whose time is over and tells their sessions; forgets those that were over long ago. Gives how many there
   * were to end; to be done now and then.
   */
  readonly expireApprovals: () => Promise<number>;
  /** Writes what the decision log still holds; to be done before the database is closed. */
  readonly flush: () => Promise<void>;
};

/** The host's side of dispatch, on its central database. */
export const centralCommandHost = (central: Central, options: CommandHostOptions): CentralCommandHost => {
  const { dataDir, report, home = homedir() } = options;
  const { now = () => new Date().toISOString(), newId = timeOrderedId } = options;
  const { db, reading } = central;
  const clock = { now, id: newId };
  const all = { ...clock, commands };
  const log = decisionLog(db, clock, report);
  const deps: ContextDeps = {
    ...clock,
    dataDir,
    home,
    report,
    tables: storedTables,
    selects: new Map(),
    answering: (transaction, hooks) =>
      answering(transaction, all, (approval) =>
        runApproved(transaction, approval, commandHostIn(transaction, deps, hooks, report)),
      ),
  };
  return {
    ...fixed,
    ...authorizationIn(reading),
    transact: (reach, run, isReading) =>
      isReading
        ? run(contextFor(reading, reach, deps, hookList()))
        : inTransaction(db, (transaction, hooks) => run(contextFor(transaction, reach, deps, hooks))),
    hold: (held) =>
      inTransaction(db, async (transaction) => {
        const authorization = await authorizationIn(transaction).authorization(held.actor);
        if (authorization === null) return refused("forbidden", "This session is no longer there.");
        return hold(transaction, held, authorization.scope, all);
      }),
    record: (entry) => log.record(entry, entry.effect !== "deny" && changing.has(entry.command)),
    report,
    expireApprovals: () =>
      db.transaction().execute(async (transaction) => {
        await forgetOldApprovals(transaction, now()).execute();
        return expireApprovals(transaction, clock);
      }),
    flush: log.flush,
  };
};

/** Another program that writes to the database, such as a backup or a sqlite3 that was left open, is nobody's bug here. */
const troubleOf = (error: unknown): string | null =>
  isBusy(error)
    ? "The database is busy: another program has been writing to it for too long. Nothing was changed. End that program, and ask again."
    : null;

const fixed = { commands, resources: resourceSentences, troubleOf };

/** Commands that may change something: that one was allowed is written before it is run. */
const changing: ReadonlySet<string> = new Set(
  commands.filter(({ access }) => access !== "open").map(({ words }) => words),
);

/** The same within the transaction of an answer: the command of an approval is a part of it that can fail alone. */
const commandHostIn = (
  transaction: Kysely<CentralTables>,
  deps: ContextDeps,
  hooks: TransactionHooks,
  report: (error: unknown) => void,
): CommandHost<CommandContext> => ({
  ...fixed,
  ...authorizationIn(transaction),
  transact: (reach, run) =>
    inSavepoint(transaction, hooks, (inner, later) => run(contextFor(inner, reach, deps, later))),
  hold: async ({ command }) => refused("forbidden", `"${command}" was approved, and cannot wait again.`),
  record: (entry) => recordIn(transaction, entry, deps),
  report,
});
