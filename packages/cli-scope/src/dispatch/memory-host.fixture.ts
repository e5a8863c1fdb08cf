import type { AgentActor, Scope, Authorization } from "../decision/actor.ts";
import type { Args, Command, CommandError, Effect, Intent, Reply } from "../commands/command.ts";
import type { DecisionEntry, HeldCommand } from "../decision/decision.ts";
import type { CommandHost, Reach, RunInContext } from "./command-host.ts";
import type { Row, Rows, RowsContext } from "../commands/resource.ts";
import type { Result } from "@gatehouse/std";

export const own = "ag-own";
export const other = "ag-other";

/** A session of the group `own`, in a conversation. */
export const agent: AgentActor = {
  type: "agent",
  sessionId: "se-own",
  groupId: own,
  messagingGroupId: "mg-1",
};

/** All calls that the host received, in order. */
export type Seen = {
  readonly decisions: DecisionEntry[];
  readonly held: HeldCommand[];
  readonly reaches: Reach[];
  /** The effect for which each context was opened. */
  readonly effects: Effect[];
  readonly intents: Intent[];
  readonly runs: { readonly command: string; readonly args: Args }[];
  readonly reported: unknown[];
};

export type MemoryHost = CommandHost<RowsContext> & { readonly seen: Seen };

type Tables = Readonly<Record<string, readonly Row[]>>;

/**
 * Rows of two groups. The context returns rows beyond its reach on purpose, to test the second check,
 * `ownRows`.
 */
const tables: Tables = {
  groups: [
    { id: own, name: "Own" },
    { id: other, name: "Other" },
  ],
  sessions: [
    { id: "se-own", agent_group_id: own, status: "active" },
    { id: "se-other", agent_group_id: other, status: "active" },
    { id: "se-nobody", status: "active" },
  ],
  wirings: [
    { id: "wi-own", agent_group_id: own, priority: 0 },
    { id: "wi-other", agent_group_id: other, priority: 0 },
  ],
};

const good = async <T>(value: T): Promise<Result<T, CommandError>> => ({ ok: true, value });

const rowsOf = (rows: readonly Row[]): Rows => {
  const find = (id: string): Row | null => rows.find((row) => row["id"] === id) ?? null;
  return {
    // Ignores filters on purpose, as a careless store would.
    list: ({ limit }) => good(rows.slice(0, limit)),
    get: (id) => good(find(id)),
    create: (values) => good({ id: "new", ...values }),
    update: (id, values) => good(find(id) && { ...find(id), ...values }),
    delete: (id) => good(find(id)),
  };
};

/** The same command. Adds each call of its handler to `seen.runs`. */
const noted = (command: Command<RowsContext>, seen: Seen): Command<RowsContext> =>
  command.effect === "act"
    ? command
    : {
        ...command,
        run: (args, call) => {
          seen.runs.push({ command: command.words, args });
          return command.run(args, call);
        },
      };

/**
 * A host in memory with these commands. `scope` null: the session is gone. `outcome` null: an act has no
 * outcome in time.
 */
export const memoryHost = (
  commands: readonly Command<RowsContext>[],
  scope: Scope | null = "group",
  wiringId: string | null = "wi-own",
  outcome: Result<Reply, CommandError> | null = null,
): MemoryHost => {
  const seen: Seen = {
    decisions: [],
    held: [],
    reaches: [],
    effects: [],
    intents: [],
    runs: [],
    reported: [],
  };
  const runIn =
    (effect: Effect): RunInContext<RowsContext> =>
    (reach, run) => {
      seen.effects.push(effect);
      seen.reaches.push(reach);
      return run({ rows: (plural) => rowsOf(tables[plural] ?? []) });
    };
  const authorization: Authorization | null = scope === null ? null : { scope, wiringId };
  return {
    seen,
    commands: commands.map((command) => noted(command, seen)),
    authorization: async () => authorization,
    groupAuthorization: async (id) => (id === own && scope !== null ? { scope, wiringId: null } : null),
    read: runIn("read"),
    change: runIn("change"),
    acts: {
      ask: async (_source, reach, intentOf) => {
        const intent = await runIn("act")(reach, intentOf);
        if (!intent.ok) return intent;
        seen.intents.push(intent.value);
        return { ok: true, value: `in-${seen.intents.length}` };
      },
      outcome: async () => outcome,
    },
    hold: async (held) => {
      seen.held.push(held);
      return { ok: true, value: `ap-${seen.held.length}` };
    },
    record: async (entry) => void seen.decisions.push(entry),
    report: (error) => void seen.reported.push(error),
  };
};
