import type { Kysely } from "kysely";
import type { Command, CommandHost } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import { recordIn } from "../decisions/decision-log.ts";
import type { IntentLoop } from "../intents/intent-loop.ts";
import { authorizationIn } from "../world/authorization.ts";
import {
  contextFor,
  type CommandContext,
  type ContextDeps,
  type ReadContext,
} from "../world/command-context.ts";
import { refused } from "../world/reply.ts";
import { inSavepoint } from "../world/transact.ts";
import type { TransactionHooks } from "../world/transaction-hooks.ts";
import { lookUp } from "./outcomes.ts";
import { readOnly } from "./read-only.ts";
import { referred } from "./referred.ts";
import { troubleOf } from "./trouble.ts";

/** The transaction of an answer, and the dependencies of its command. */
type AnswerGround = {
  readonly transaction: Kysely<CentralTables>;
  readonly deps: ContextDeps;
  readonly hooks: TransactionHooks;
  readonly intents: IntentLoop;
  readonly commands: readonly Command<CommandContext, ReadContext>[];
  /** Who approved the command, as its context says it. */
  readonly approved: string;
};

/**
 * The host's side of dispatch within the transaction of an answer. The command of an approval is a part of it
 * that can fail alone. An act is only requested here; the host carries it out after the commit.
 */
export const approvalHost = ({
  transaction,
  deps,
  hooks,
  intents,
  commands,
  approved,
}: AnswerGround): CommandHost<CommandContext, ReadContext> => ({
  troubleOf,
  commands,
  referred,
  ...authorizationIn(transaction),
  read: async (reach, run) => {
    // The connection can write here, so the savepoint rolls back any write of a read command.
    const looked = await inSavepoint(transaction, hooks, async (inner, later) => {
      const error = await run(readOnly(contextFor(inner, reach, deps, later)));
      return { ok: false, error };
    });
    if (looked.ok) throw new TypeError("A savepoint that is always rolled back was released");
    return looked.error;
  },
  change: (reach, run) =>
    inSavepoint(transaction, hooks, (inner, later) =>
      run({ ...contextFor(inner, reach, deps, later), approved }),
    ),
  acts: {
    ask: (source, reach, intentOf) =>
      inSavepoint(transaction, hooks, (inner, later) =>
        intents.ask({ transaction: inner, hooks: later, source, reach }, () =>
          intentOf(readOnly(contextFor(inner, reach, deps, later))),
        ),
      ),
    outcome: async () => null,
    lookUp,
  },
  hold: async ({ command }) => refused("forbidden", `"${command}" was approved, and cannot wait again.`),
  record: (entry) => recordIn(transaction, entry, deps),
  report: deps.report,
});
