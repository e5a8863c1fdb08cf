import { homedir } from "node:os";
import type { Kysely } from "kysely";
import {
  explainBackfill,
  fieldNames,
  narrowest,
  parseLegacyRow,
  reachOf,
  scopeFor,
  type BackfillReport,
  type LegacyConfig,
  type Scope,
} from "@nc/container-config";
import {
  containerConfigStore,
  legacyMounts,
  type LegacyGroup,
  type MountRule,
} from "@nc/container-config/node";
import {
  groupOwnerships,
  type CentralTables,
  backfillGroups,
  type BackfillPlace,
} from "@gatehouse/control-plane";
import type { ConvertedRows, LegacyRows } from "./convert-rows.ts";
import type { LegacyRow } from "./field-reader.ts";
import { legacyScopes } from "./legacy-scopes.ts";
import type { InstallSettings } from "./folder/install-settings.ts";

import { lossOf } from "./losses.ts";
import { hasUnreadChats } from "./unread-chats.ts";

type Database = Kysely<CentralTables>;

/** Where the groups' files are, and what nanoclaw had for all groups. */
export type ImportPlace = BackfillPlace & {
  readonly install: InstallSettings;
  readonly mountRule: MountRule;
};

export type Configured = {
  readonly backfill: BackfillReport;
  readonly scopes: ReadonlyMap<string, Scope>;
  /** Groups whose configuration came from nanoclaw's database. */
  readonly fromDatabase: ReadonlySet<string>;
  readonly sentences: readonly string[];
};

/**
 * Configures the imported groups. It uses nanoclaw's own table of configurations (from 2.0.48 on), and
 * container.json for the other groups. The operator named this folder, so it is trusted, and the report says
 * what it gives each group. No group gets a wider scope than it had, even if something else cannot be read.
 */
export const configureGroups = async (
  db: Database,
  source: LegacyRows,
  converted: ConvertedRows,
  place: ImportPlace,
): Promise<Configured> => {
  const groups = await legacyGroups(db, source, converted);
  const done: Done = {
    db,
    place,
    fromDatabase: new Set(),
    sentences: [...place.install.sentences, ...rowsOfNobody(source, groups)],
  };
  for (const group of groups) await configureFromRow(done, group, source);
  const { dataDir, groupsDir, now, mountRule, install } = place;
  const options = {
    dataDir,
    groupsDir,
    now,
    mountRule,
    defaults: install.defaults,
    vouched: true,
    origin: who,
  };
  const backfill = await backfillGroups(db, groups, options);
  for (const { groupId, folder } of backfill.broken) await closeBroken(done, groupId, folder, groups);
  const rows = await db.selectFrom("container_configs").select(["agent_group_id", "cli_scope"]).execute();
  return {
    backfill,
    scopes: new Map(rows.map(({ agent_group_id, cli_scope }) => [agent_group_id, cli_scope as Scope])),
    fromDatabase: done.fromDatabase,
    sentences: [...done.sentences, ...explainBackfill(backfill)],
  };
};

/**
 * Each group with the widest scope that it had. If some of its chats could not be read, its ownership is in
 * doubt.
 */
const legacyGroups = async (
  db: Database,
  source: LegacyRows,
  converted: ConvertedRows,
): Promise<readonly LegacyGroup[]> => {
  const had = legacyScopes(source);
  const isUnread = hasUnreadChats(source, converted);
  return (await groupOwnerships(db)).map((group) => {
    const inDoubt = group.ownership === "owner" && isUnread(group.id);
    return { ...group, ownership: inDoubt ? "in-doubt" : group.ownership, ceiling: had(group.id) };
  });
};

/** For the histories: the operator who runs the import is the host's. */
const who = { actor: "host" };
const origin = { ...who, change: "backfill", reason: "taken over from nanoclaw's database" } as const;

type Done = {
  readonly db: Database;
  readonly place: ImportPlace;
  readonly fromDatabase: Set<string>;
  readonly sentences: string[];
};

/** Configures a group from its first row. Reports problems of that row, and further rows. */
const configureFromRow = async (done: Done, group: LegacyGroup, source: LegacyRows): Promise<void> => {
  const { db, place, fromDatabase, sentences } = done;
  const named = `${group.folder} (${group.id})`;
  const rows = (source["container_configs"] ?? []).filter(
    ({ agent_group_id }) => agent_group_id === group.id,
  );
  const [row] = rows;
  if (row === undefined) return;
  if (rows.length > 1)
    sentences.push(`${named}: it has ${rows.length} rows in container_configs; the first one was read.`);
  const { settings: read, refused, ignored } = await readRow(row, place);
  const cli_scope = narrowest(group.ceiling, scopeFor(group.ownership));
  const settings = { ...place.install.defaults, ...read, cli_scope };
  const made = await containerConfigStore<CentralTables>(db, place).create(group.id, settings, origin);
  if (!made.ok) throw new Error(`A checked configuration was refused: ${made.error.code}`);
  fromDatabase.add(group.id);
  const reach = reachOf(settings);
  if (reach.length > 0) sentences.push(`${named} took from nanoclaw's database: ${reach.join("; ")}.`);
  sentences.push(...refused.map(({ path, problem }) => `${named} was not given ${path}: it ${problem}.`));
  sentences.push(...ignored.map((what) => `${named} needs no ${what}.`));
  sentences.push(...lostSettings(row).map((lost) => `${named} ${lost}.`));
  sentences.push(...scopeSentences(group, cli_scope));
};

/** The settings of later releases that have no place here. */
const lostSettings = (row: LegacyRow): readonly string[] =>
  Object.keys(row).flatMap((column) => {
    const isTaken = [...fieldNames, ...ownColumns].includes(column);
    const why = isTaken ? null : lossOf("container_configs", column, row);
    return why === null ? [] : [`was not given ${column}: ${why}`];
  });

const ownColumns: readonly string[] = ["agent_group_id", "created_at", "updated_at"];

/** Checks the mounts against this host. The scope is read with those of all groups. */
const readRow = async (row: LegacyRow, { dataDir, mountRule }: ImportPlace): Promise<LegacyConfig> => {
  const home = homedir();
  const read = parseLegacyRow(row, home);
  const { settings, refused } = read;
  if (settings.additional_mounts === undefined) return read;
  const found = await legacyMounts(settings.additional_mounts, { dataDir, home }, mountRule);
  return {
    ...read,
    settings: { ...settings, additional_mounts: found.mounts },
    refused: [...refused, ...found.refused],
  };
};

/** Reports a scope that differs from nanoclaw's, and one that the owner may have expected to be wider. */
const scopeSentences = ({ folder, id, ownership, ceiling }: LegacyGroup, has: Scope): readonly string[] => {
  const named = `${folder} (${id})`;
  if (has !== ceiling)
    return [
      `${named} had the CLI scope ${ceiling} and has ${has}: it is not certain that only an owner writes to it. If so: ncl groups config update ${id} --cli-scope ${ceiling}`,
    ];
  if (ownership !== "owner" || has === "global") return [];
  return [
    `${named} keeps the CLI scope ${has}. Only an owner writes to it; to give it all of the CLI: ncl groups config update ${id} --cli-scope global`,
  ];
};

/**
 * A group without a configuration has the scope `group`. If it had less, it needs a configuration that says
 * so.
 */
const closeBroken = async (
  { db, place, sentences }: Done,
  groupId: string,
  folder: string,
  groups: readonly LegacyGroup[],
): Promise<void> => {
  if (groups.find(({ id }) => id === groupId)?.ceiling !== "disabled") return;
  const closed = { cli_scope: "disabled" } as const;
  const made = await containerConfigStore<CentralTables>(db, place).create(groupId, closed, origin);
  if (!made.ok) throw new Error(`A configuration of nothing but a scope was refused: ${made.error.code}`);
  sentences.push(
    `${folder} (${groupId}) keeps the CLI scope disabled, and has nothing else of its configuration: set it with ncl groups config.`,
  );
};

const rowsOfNobody = (source: LegacyRows, groups: readonly LegacyGroup[]): readonly string[] => {
  const ids = new Set<unknown>(groups.map(({ id }) => id));
  const others = (source["container_configs"] ?? []).filter(({ agent_group_id }) => !ids.has(agent_group_id));
  return others.map(({ agent_group_id }) => {
    const whose = typeof agent_group_id === "string" ? agent_group_id : "no text";
    return `A row in container_configs was not taken: agent_group_id points to no group that was (${whose}).`;
  });
};
