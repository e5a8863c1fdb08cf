import { ownProviderOf, type CheckModel } from "@gatehouse/agent-clis";
import type { Kysely } from "kysely";
import type { Reach, ReferredRows } from "@nc/cli-scope";
import type { PlaceSeen } from "@gatehouse/agent-clis/applied";
import type { AgentChoice, AgentSources, InvalidConfig, Mount } from "@nc/container-config";
import { mountRuleIn } from "@gatehouse/mounts";
import { findMount } from "@nc/container-config/node";
import { type CentralTables, type DecisionRow, groupOwnerships } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import { readDecisions, type DecisionQuery } from "../decisions/read-decisions.ts";
import { type LogFlaw, type VerifiedLog, verifyLog } from "../decisions/verify-log.ts";
import type { Answering } from "./answering.ts";
import type { TransactionHooks } from "./transaction-hooks.ts";
import { personIn, type Person } from "./delete-person.ts";
import { groupConfig, type GroupConfig, type GroupPlace, placeOf } from "./group-config.ts";
import { groupFolders, type FolderDeps, type GroupFolders } from "./group-folders.ts";
import { referredRows } from "./referred-rows.ts";
import type { AnyTables, RowDeps } from "./row-selects.ts";
import type { AskSessions } from "./sessions-intent.ts";
import { storedRows, type StoredRows } from "./stored-rows.ts";
import type { StoredTable } from "./stored-table.ts";

/** The data a command works on: one transaction, limited to the reach of its caller. */
export type CommandContext = {
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Where the agents of a group run. */
  readonly placeOf: (groupId: string) => Promise<GroupPlace>;
  /** Asks the CLI of a provider about a model. It starts a program, so no transaction may wait for it. */
  readonly checkModel: CheckModel;
  /** Why no agent with this provider starts on this host, sentences with the fix; null if nothing is known against it. */
  readonly providerProblem: (provider: string) => Promise<string | null>;
  /** The names among these of secrets that this host does not have for MCP servers of a group. */
  readonly missingSecrets: MissingSecrets;
  readonly rows: (plural: string) => StoredRows;
  /** The configuration of a group's containers; null if the group is out of reach. */
  readonly config: (groupId: string) => GroupConfig | null;
  readonly folders: GroupFolders;
  /** Checks the folder of a mount, and returns the mount in the form that is saved. */
  readonly findMount: (mount: Mount) => Promise<Result<Mount, InvalidConfig>>;
  readonly askSessions: AskSessions;
  readonly approvals: Answering;
  /** `approved by user:telegram:1 (ap-1)` for an approved command; null for any other. */
  readonly approved: string | null;
  /**
   * The rows of a resource that arguments may refer to; null if the rows have no single key. `asker` is the
   * group of the calling agent; null for other callers.
   */
  readonly referred: (plural: string, asker: string | null) => ReferredRows | null;
  /** Whether this chat or group exists as a target of messages. Every group may name any target. */
  readonly hasTarget: (type: string, id: string) => Promise<boolean>;
  /** Why a group would be hard to replace, as a sentence without a period; null for any other group. */
  readonly hardToReplace: (groupId: string) => Promise<string | null>;
  /** The entry of a person in users.yaml; null without one. */
  readonly fileEntry: (userId: string) => Promise<FileEntry | null>;
  /** The provider and the model of a session's agent; null if there is no such session. */
  readonly agentOf: AgentOf;
  /** The last messages to the agent of a session, newest first. */
  readonly messagesOf: (sessionId: string, limit: number) => Promise<readonly MessageWay[]>;
  /** The last runs and missed times of a task, newest first, with their outcomes by now. */
  readonly taskRuns: (taskId: string, limit: number) => Promise<readonly CentralTables["task_runs"][]>;
  /** The outcome by now of the last run, or of the last missed times, of each of these tasks that has any. */
  readonly lastOutcomes: (taskIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Runs a task now, beside its times. Null if its agent does not answer in its chat any more. */
  readonly runTask: (taskId: string) => Promise<{ readonly sessionId: string } | null>;
  /** For the deletion of a person. */
  readonly person: (userId: string) => Person;
  /** The log of decisions; empty for the context of a group. */
  readonly decisions: (query: DecisionQuery) => Promise<readonly DecisionRow[]>;
  /** Checks the log of decisions and the answered approvals. */
  readonly verifyLog: () => Promise<Result<VerifiedLog, LogFlaw>>;
};

/** `own` replaces stored values of the session. */
type AgentOf = (
  sessionId: string,
  own?: Partial<AgentSources["session"]>,
) => Promise<{
  readonly now: AgentChoice;
  /** The person whose entry of users.yaml counts; null for a session of no such person, or of several. */
  readonly userId: string | null;
} | null>;

/** What became of a message to an agent. Times are ISO 8601, UTC. */
export type MessageWay = {
  readonly id: string;
  readonly channel: string | null;
  /** Its beginning. */
  readonly text: string;
  readonly received_at: string;
  /** When the host stored it in the session; known for the channel `local` alone. */
  readonly kept_at: string | null;
  /** When the agent took it in work; null if no agent has it in work. */
  readonly in_work_since: string | null;
  /** How many containers had it in work and exited without an answer. */
  readonly tries: number;
  /** `pending`, `completed` or `failed`. */
  readonly status: string;
  /** Why it failed. */
  readonly reason: string | null;
  /** `status`: `pending`, `claimed`, `delivered` or `failed`, since `settled_at`. */
  readonly answers: readonly {
    readonly at: string;
    readonly status: string;
    readonly settled_at: string | null;
  }[];
};

type MissingSecrets = (groupId: string, names: readonly string[]) => Promise<readonly string[]>;

/** An entry of users.yaml with its inherited values. */
export type FileEntry = Readonly<Record<string, unknown>>;

/** The part of a context that cannot write. */
export type ReadContext = Pick<
  CommandContext,
  | "now"
  | "placeOf"
  | "checkModel"
  | "providerProblem"
  | "missingSecrets"
  | "referred"
  | "hasTarget"
  | "hardToReplace"
  | "fileEntry"
  | "agentOf"
  | "messagesOf"
  | "taskRuns"
  | "lastOutcomes"
  | "verifyLog"
> & {
  readonly rows: (plural: string) => Pick<StoredRows, "list" | "get">;
  readonly config: (
    groupId: string,
  ) => Pick<GroupConfig, "get" | "history" | "diff" | "behind" | "notApplied"> | null;
  readonly folders: Pick<GroupFolders, "pathOf">;
};

/** The parts of a context that are the same for every call. */
export type ContextDeps = Omit<RowDeps, "askSessions"> &
  FolderDeps & {
    /** The operator's home, which no container may mount. */
    readonly home: string;
    /** The runtime of this host's agents. */
    readonly runtime: PlaceSeen;
    /** The place of a group whose agents run on another machine. */
    readonly machine: PlaceSeen;
    readonly checkModel: CheckModel;
    readonly missingSecrets: MissingSecrets;
    readonly tables: Readonly<Record<string, StoredTable>>;
    /** Makes the function that asks, within this transaction, to restart or to stop sessions after its commit. */
    readonly asksIn: (transaction: Kysely<CentralTables>, hooks: TransactionHooks) => AskSessions;
    /** Reads agents of sessions within this transaction. */
    readonly agentsIn: (transaction: Kysely<CentralTables>) => AgentOf;
    /** Reads messages of sessions within this transaction. */
    readonly messagesIn: (transaction: Kysely<CentralTables>) => CommandContext["messagesOf"];
    /** Runs tasks and reads their runs within this transaction. */
    readonly tasksIn: (
      transaction: Kysely<CentralTables>,
    ) => Pick<CommandContext, "taskRuns" | "lastOutcomes" | "runTask">;
    /** Shows and answers approvals within this transaction. */
    readonly answering: (transaction: Kysely<CentralTables>, hooks: TransactionHooks) => Answering;
  };

/**
 * The context for one group, or for the whole host. The context of a group cannot reach rows of another
 * group.
 */
export const contextFor = (
  transaction: Kysely<CentralTables>,
  reach: Reach,
  deps: ContextDeps,
  hooks: TransactionHooks,
): CommandContext => ({
  now: deps.now,
  placeOf: (groupId) => placeOf(transaction, groupId, deps),
  checkModel: deps.checkModel,
  providerProblem: async (provider) => {
    const own = await ownProviderOf(deps.dataDir, provider);
    return own.ok ? null : own.error;
  },
  missingSecrets: deps.missingSecrets,
  // Kysely's type is not covariant in its tables. The compiler checked each column in the table's definition.
  rows: (plural) => {
    const rowDeps = { ...deps, askSessions: deps.asksIn(transaction, hooks) };
    return storedRows(transaction as unknown as AnyTables, reach, tableOf(plural, deps), rowDeps);
  },
  referred: (plural, asker) => {
    const table = tableOf(plural, deps);
    const within = asker !== null && table.isOwnOnly === true ? { groupId: asker } : reach;
    return referredRows(transaction as unknown as AnyTables, within, table);
  },
  config: (groupId) => groupConfig(transaction, reach, groupId, deps),
  folders: groupFolders(deps, hooks),
  findMount: async (mount) => findMount(mount, deps, await mountRuleIn(deps.dataDir)),
  askSessions: deps.asksIn(transaction, hooks),
  approvals: deps.answering(transaction, hooks),
  approved: null,
  hasTarget: (type, id) => hasTarget(transaction, type, id),
  hardToReplace: (groupId) => hardToReplace(transaction, groupId),
  fileEntry: (userId) => fileEntry(transaction, userId),
  agentOf: deps.agentsIn(transaction),
  messagesOf: deps.messagesIn(transaction),
  ...deps.tasksIn(transaction),
  person: (userId) => personIn(transaction, userId, deps.now()),
  decisions: async (query) => (reach === "all" ? readDecisions(transaction, query) : []),
  verifyLog: () => verifyLog(transaction, deps.dataDir, deps.now()),
});

const fileEntry = async (db: Kysely<CentralTables>, userId: string): Promise<FileEntry | null> => {
  const row = await db
    .selectFrom("file_users")
    .select("entry")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.entry) as FileEntry);
};

const tableOf = (plural: string, { tables }: Pick<ContextDeps, "tables">): StoredTable => {
  const table = tables[plural];
  if (table === undefined) throw new TypeError(`There is no resource ${plural}`);
  return table;
};

const hasTarget = async (db: Kysely<CentralTables>, type: string, id: string): Promise<boolean> => {
  const table = type === "channel" ? "messaging_groups" : "agent_groups";
  return (await db.selectFrom(table).select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
};

const hardToReplace = async (db: Kysely<CentralTables>, groupId: string): Promise<string | null> => {
  const global = await db
    .selectFrom("container_configs")
    .select("agent_group_id")
    .where("cli_scope", "=", "global")
    .limit(2)
    .execute();
  const [only] = global;
  if (global.length === 1 && only?.agent_group_id === groupId)
    return "It is the last group whose agent may use all of ncl";
  const owned = (await groupOwnerships(db)).find(({ id }) => id === groupId);
  return owned?.ownership === "owner" ? "It is the group in which an owner writes to their own agent" : null;
};
