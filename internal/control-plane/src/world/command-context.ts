import type { Kysely } from "kysely";
import type { Reach, ReferredRows } from "@nc/cli-scope";
import type { InvalidConfig, Mount, RuntimeInUse } from "@nc/container-config";
import { findMount } from "@nc/container-config/node";
import type { CentralTables } from "../database/tables.ts";
import type { Answering } from "./answering.ts";
import type { Result } from "@gatehouse/std";
import type { TransactionHooks } from "./transaction-hooks.ts";
import { groupConfig, type GroupConfig } from "./group-config.ts";
import { groupFolders, type FolderDeps, type GroupFolders } from "./group-folders.ts";
import { hardToReplace } from "./hard-to-replace.ts";
import { referredRows } from "./referred-rows.ts";
import type { AnyTables, RowDeps } from "./row-selects.ts";
import type { StopSessions } from "./sessions/sessions-intent.ts";
import { storedRows, type StoredRows } from "./stored-rows.ts";
import type { StoredTable } from "./stored-table.ts";

/** The data a command works on: one transaction, limited to the reach of its caller. */
export type CommandContext = {
  /** The runtime of this host's agents. */
  readonly runtime: RuntimeInUse;
  readonly rows: (plural: string) => StoredRows;
  /** The configuration of a group's containers; null if the group is out of reach. */
  readonly config: (groupId: string) => GroupConfig | null;
  readonly folders: GroupFolders;
  /** A mount as it may be saved, after its folder was checked. */
  readonly findMount: (mount: Mount) => Promise<Result<Mount, InvalidConfig>>;
  readonly approvals: Answering;
  /** `approved by user:telegram:1 (ap-1)`, for a command that waited for a person; else null. */
  readonly approved: string | null;
  /**
   * The rows of a resource that arguments refer to; null if they have no single key. `asker` is the group of
   * an agent.
   */
  readonly referred: (plural: string, asker: string | null) => ReferredRows | null;
  /** Whether messages can be sent there. Every group may name any target. */
  readonly hasTarget: (type: string, id: string) => Promise<boolean>;
  /** Why the loss of a group would be felt, a sentence; null for any other group. */
  readonly hardToReplace: (groupId: string) => Promise<string | null>;
};

/** The part of a context that cannot write: what a preview is given. */
export type ReadContext = Pick<CommandContext, "runtime" | "referred" | "hasTarget" | "hardToReplace"> & {
  readonly rows: (plural: string) => Pick<StoredRows, "list" | "get" | "refusalOf">;
  readonly config: (
    groupId: string,
  ) => Pick<GroupConfig, "get" | "history" | "diff" | "behind" | "notApplied"> | null;
  readonly folders: Pick<GroupFolders, "pathOf" | "refusalOf" | "attachRefusalOf">;
};

/** The parts of a context that are the same for every call. */
export type ContextDeps = Omit<RowDeps, "stopSessions"> &
  FolderDeps & {
    /** The operator's home, which no container may mount. */
    readonly home: string;
    /** The runtime of this host's agents. */
    readonly runtime: RuntimeInUse;
    readonly tables: Readonly<Record<string, StoredTable>>;
    /** How sessions are stopped after this transaction. */
    readonly stopsIn: (transaction: Kysely<CentralTables>, hooks: TransactionHooks) => StopSessions;
    /** Answers to commands that wait for a person, within this transaction. */
    readonly answering: (transaction: Kysely<CentralTables>, hooks: TransactionHooks) => Answering;
  };

/**
 * The context within one group, or for the whole host. Within a group nothing in it can name another group.
 */
export const contextFor = (
  transaction: Kysely<CentralTables>,
  reach: Reach,
  deps: ContextDeps,
  hooks: TransactionHooks,
): CommandContext => ({
  runtime: deps.runtime,
  // Kysely's type is not covariant in its tables; the columns of each table were checked where it is written.
  rows: (plural) => {
    const stopSessions = deps.stopsIn(transaction, hooks);
    const inThis = { ...deps, stopSessions };
    return storedRows(transaction as unknown as AnyTables, reach, tableOf(plural, deps), inThis);
  },
  referred: (plural, asker) => {
    const table = tableOf(plural, deps);
    const within = asker !== null && table.isOwnOnly === true ? { groupId: asker } : reach;
    return referredRows(transaction as unknown as AnyTables, within, table);
  },
  config: (groupId) => groupConfig(transaction, reach, groupId, deps),
  folders: groupFolders(deps, hooks),
  findMount: (mount) => findMount(mount, deps),
  approvals: deps.answering(transaction, hooks),
  approved: null,
  hasTarget: (type, id) => hasTarget(transaction, type, id),
  hardToReplace: (groupId) => hardToReplace(transaction, groupId),
});

const tableOf = (plural: string, { tables }: Pick<ContextDeps, "tables">): StoredTable => {
  const table = tables[plural];
  if (table === undefined) throw new TypeError(`There is no resource ${plural}`);
  return table;
};

const hasTarget = async (db: Kysely<CentralTables>, type: string, id: string): Promise<boolean> => {
  const table = type === "channel" ? "messaging_groups" : "agent_groups";
  return (await db.selectFrom(table).select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
};
