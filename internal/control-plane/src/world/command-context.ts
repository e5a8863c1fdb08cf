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

/** What a command is given to work on: one transaction, as far as its caller reaches. */
export type CommandContext = {
  readonly rows: (plural: string) => StoredRows;
  /** The configuration of a group's containers; null if the group is out of reach. */
  readonly config: (groupId: string) => GroupConfig | null;
  readonly folders: GroupFolders;
  /** A mount as it may be saved, once its folder was looked at. */
  readonly findMount: (mount: Mount) => Promise<Result<Mount, InvalidConfig>>;
  readonly approvals: Answering;
  /** Whether messages can be sent there. A name that anybody may use, so it is in reach of every group. */
  readonly hasTarget: (type: string, id: string) => Promise<boolean>;
};

/** What worlds are made with: the same for every call. */
export type ContextDeps = RowDeps &
  FolderDeps & {
    /** The operator's home, which no container is given. */
    readonly home: string;
    readonly tables: Readonly<Record<string, StoredTable>>;
    /** What persons do about commands that wait for one, within this transaction. */
    readonly answering: (transaction: Kysely<CentralTables>, hooks: TransactionHooks) => Answering;
  };

/** The context in reach of one group, or all of it. In reach of a group nothing in it can name another one. */
export const contextFor = (
  transaction: Kysely<CentralTables>,
  reach: Reach,
  deps: ContextDeps,
  hooks: TransactionHooks,
): CommandContext => ({
  rows: (plural) => {
    const table = deps.tables[plural];
    if (table === undefined) throw new TypeError(`There is no resource ${plural}`);
    // Kysely's type is not covariant in its tables; the columns of each table were checked where it is written.
    return storedRows(transaction as unknown as AnyTables, reach, table, deps);
  },
  config: (groupId) => groupConfig(transaction, reach, groupId, deps.now),
  folders: groupFolders(deps, hooks),
  findMount: (mount) => findMount(mount, deps),
  approvals: deps.answering(transaction, hooks),
  hasTarget: (type, id) => hasTarget(transaction, type, id),
});

const hasTarget = async (db: Kysely<CentralTables>, type: string, id: string): Promise<boolean> => {
  const table = type === "channel" ? "messaging_groups" : "agent_groups";
  return (await db.selectFrom(table).select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
};
