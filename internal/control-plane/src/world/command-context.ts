import type { Kysely } from "kysely";
import type { Reach } from "@nc/cli-scope";
import type { InvalidConfig, Mount } from "@nc/container-config";
import { findMount } from "@nc/container-config/node";
import type { CentralTables } from "../database/tables.ts";
import type { Answering } from "./answering.ts";
import type { Result } from "@gatehouse/std";
import type { TransactionHooks } from "./transaction-hooks.ts";
import { groupConfig, type GroupConfig } from "./group-config.ts";
import { groupFolders, type FolderDeps, type GroupFolders } from "./group-folders.ts";
import { storedRows, type AnyTables, type RowDeps, type StoredRows } from "./stored-rows.ts";
import type { StoredTable } from "./stored-table.ts";

/** The data a command works on: one transaction, limited to the reach of its caller. */
export type CommandContext = {
  readonly rows: (plural: string) => StoredRows;
  /** The configuration of a group's containers; null if the group is out of reach. */
  readonly config: (groupId: string) => GroupConfig | null;
  readonly folders: GroupFolders;
  /** A mount as it may be saved, after its folder was checked. */
  readonly findMount: (mount: Mount) => Promise<Result<Mount, InvalidConfig>>;
  readonly approvals: Answering;
  /** `approved by user:telegram:1 (ap-1)`, for a command that waited for a person; else null. */
  readonly approved: string | null;
  /** Whether messages can be sent there. Every group may name any target. */
  readonly hasTarget: (type: string, id: string) => Promise<boolean>;
};

/** The parts of a context that are the same for every call. */
export type ContextDeps = RowDeps &
  FolderDeps & {
    /** The operator's home, which no container may mount. */
    readonly home: string;
    readonly tables: Readonly<Record<string, StoredTable>>;
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
  rows: (plural) => {
    const table = deps.tables[plural];
    if (table === undefined) throw new TypeError(`There is no resource ${plural}`);
    // Kysely's type is not covariant in its tables; the columns of each table were checked where it is
    // written.
    return storedRows(transaction as unknown as AnyTables, reach, table, deps);
  },
  config: (groupId) => groupConfig(transaction, reach, groupId, deps.now),
  folders: groupFolders(deps, hooks),
  findMount: (mount) => findMount(mount, deps),
  approvals: deps.answering(transaction, hooks),
  approved: null,
  hasTarget: (type, id) => hasTarget(transaction, type, id),
});

const hasTarget = async (db: Kysely<CentralTables>, type: string, id: string): Promise<boolean> => {
  const table = type === "channel" ? "messaging_groups" : "agent_groups";
  return (await db.selectFrom(table).select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
};
