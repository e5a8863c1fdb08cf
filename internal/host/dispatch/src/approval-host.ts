import type { Kysely } from "kysely";
import type { Command, CommandHost, DecisionEntry } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import {
  authorizationIn,
  contextFor,
  type CommandContext,
  type ContextDeps,
  type ReadContext,
  refused,
  inSavepoint,
  type TransactionHooks,
} from "@gatehouse/command-context";
import type { IntentLoop } from "@gatehouse/intents";
import { lookUp } from "./outcomes.ts";
import { readOnly } from "./read-only.ts";
import { referred } from "./referred.ts";
import { troubleOf } from "./trouble.ts";

/** The transaction of an answer, and the dependencies of the approved command. */
type AnswerDeps = {
  readonly transaction: Kysely<CentralTables>;
  readonly deps: ContextDeps;
  readonly hooks: TransactionHooks;
  readonly intents: IntentLoop;
  readonly commands: readonly Command<CommandContext, ReadContext>[];
  /** `approved by ...`: the person who approved the command, as a text for its context. */
  readonly approved: string;
  /** Keeps a decision, which is written at the end of the answer. */
  readonly record: (entry: DecisionEntry) => void;
};

/**
 * The host's side of dispatch within the transaction of an answer. The approved command runs in a savepoint,
 * so it can fail alone. For an act only its intent is written here; the host carries it out after the commit.
 */
export const approvalHost = ({
  transaction,
  deps,
  hooks,
  intents,
  commands,
  approved,
  record,
}: AnswerDeps): CommandHost<CommandContext, ReadContext> => ({
  troubleOf,
  commands,
  referred,
  ...authorizationIn(transaction),
  read: async (reach, run) => {
    // The connection can write here, so the savepoint rolls back any write of a read command.
    const outcome = await inSavepoint(transaction, hooks, async (inner, later) => {
      const error = await run(readOnly(contextFor(inner, reach, deps, later)));
      return { ok: false, error };
    });
    if (outcome.ok) throw new TypeError("A savepoint that is always rolled back was released");
    return outcome.error;
  },
  change: (reach, run) =>
    inSavepoint(transaction, hooks, (inner, later) =>
      run({ ...contextFor(inner, reach, deps, later), approved }),
    ),
  acts: {
    ask: (source, reach, intentOf) =>
      inSavepoint(transaction, hooks, (inner, later) =>
        intents.ask({ transaction: inner, hooks: later, source, reach }, () =>
          intentOf({ ...readOnly(contextFor(inner, reach, deps, later)), approved }),
        ),
      ),
    outcome: async () => null,
    lookUp,
  },
  hold: async ({ command }) => refused("forbidden", `"${command}" was approved, and cannot wait again.`),
  record: async (entry) => record(entry),
  report: deps.report,
});
