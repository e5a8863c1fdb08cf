import { homedir } from "node:os";
import type { Kysely } from "kysely";
import {
  checkField,
  explainBackfill,
  narrowest,
  reachOf,
  scopeFor,
  type BackfillReport,
  type Scope,
  scopes,
} from "@nc/container-config";
import {
  containerConfigStore,
  readLegacyRow,
  type LegacyGroup,
  type MountRule,
} from "@nc/container-config/node";
import { groupOwnerships, type CentralTables } from "@gatehouse/central-database";
import { backfillGroups, type BackfillPlace } from "@gatehouse/group-setup";
import type { ConvertedRows, LegacyRows, ImportedRow } from "./convert-rows.ts";
import type { LegacyRow } from "./field-reader.ts";

type Database = Kysely<CentralTables>;

/** The folders of the groups' files, and this host's rule for mounts. */
export type ImportPlace = BackfillPlace & { readonly mountRule: MountRule };

export type Configured = {
  readonly backfill: BackfillReport;
  readonly scopes: ReadonlyMap<string, Scope>;
  /** Groups whose configuration came from nanoclaw's database. */
  readonly fromDatabase: ReadonlySet<string>;
  readonly sentences: readonly string[];
};

/**
 * Configures the imported groups from nanoclaw's table of configurations (2.0.48 and later), and other groups from their
 * container.json. Trusts the folder, because the operator named it; the report lists each group's rights. No group gets a
 * wider scope than it had in nanoclaw, even if other values cannot be read.
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
    sentences: [...unassignedRows(source, groups)],
  };
  for (const group of groups) await configureFromRow(done, group, source);
  const { dataDir, groupsDir, now, mountRule } = place;
  const options = {
    dataDir,
    groupsDir,
    now,
    mountRule,
    vouched: true,
    origin: who,
  };
  const backfill = await backfillGroups(db, groups, options);
  for (const { groupId, folder } of backfill.broken) {
    await closeBroken(done, groupId, folder, groups);
    done.sentences.push(...groups.filter(({ id }) => id === groupId).flatMap(unsetProvider));
  }
  const rows = await db.selectFrom("container_configs").select(["agent_group_id", "cli_scope"]).execute();
  return {
    backfill,
    scopes: new Map(rows.map(({ agent_group_id, cli_scope }) => [agent_group_id, cli_scope as Scope])),
    fromDatabase: done.fromDatabase,
    sentences: [...done.sentences, ...explainBackfill(backfill)],
  };
};

/**
 * Returns the imported groups, with their provider in nanoclaw's database and their old scope as the maximum. If a chat of
 * a group could not be read, the group's ownership is in doubt.
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
    const ownership = inDoubt ? "in-doubt" : group.ownership;
    return { ...group, ownership, agent_provider: providerOf(group.id, source), ceiling: had(group.id) };
  });
};

/** Returns the scope that a group's agent had in nanoclaw. */
type LegacyScopes = (groupId: string) => Scope;

/**
 * Reads the scope of each group's agent in nanoclaw. nanoclaw 2.0.45 has no scopes, and `ncl` runs every command. In 2.0.48,
 * a group without a row, or with a row without a scope, has `group`. Invalid text could mean any scope, so it becomes
 * `disabled`. A group without a row also gets `disabled` if a row names no group, because the row could be the group's.
 */
const legacyScopes = (source: LegacyRows): LegacyScopes => {
  const rows = source["container_configs"];
  if (rows === undefined) return () => "global";
  const isComplete = rows.every(({ agent_group_id }) => typeof agent_group_id === "string");
  return (groupId) => {
    const own = rows.filter(({ agent_group_id }) => agent_group_id === groupId);
    const without: Scope = isComplete ? "group" : "disabled";
    return own.length === 0 ? without : narrowest(...own.map(({ cli_scope }) => scopeIn(cli_scope)));
  };
};

const scopeIn = (value: unknown): Scope => {
  if (value === null || value === undefined) return "group";
  return scopes.find((scope) => scope === value) ?? "disabled";
};

/**
 * Returns a function that is true for a group if the import may lack people who write to the group: if a wiring of the
 * group or the person of one of its direct chats was left out. Then other people than an owner may write to the group.
 */
const hasUnreadChats = (source: LegacyRows, { rows }: ConvertedRows): ((groupId: string) => boolean) => {
  const wirings = missing(source["messaging_group_agents"], rows.messaging_group_agents, "agent_group_id");
  const people = missing(source["user_dms"], rows.user_dms, "messaging_group_id");
  const chatsOf = (groupId: string) =>
    rows.messaging_group_agents.filter(({ agent_group_id }) => agent_group_id === groupId);
  return (groupId) =>
    wirings(groupId) || chatsOf(groupId).some(({ messaging_group_id }) => people(String(messaging_group_id)));
};

/**
 * Returns a function that is true for a value if a row with this value in `column` was not imported. A row without text in
 * the column may have any value.
 */
const missing = (
  source: readonly LegacyRow[] = [],
  taken: readonly ImportedRow[],
  column: string,
): ((value: string) => boolean) => {
  const mayHaveAnyValue = source.some((row) => typeof row[column] !== "string");
  const count = (rows: readonly LegacyRow[], value: string): number =>
    rows.filter((row) => row[column] === value).length;
  return (value) => mayHaveAnyValue || count(taken, value) < count(source, value);
};

/** Returns the group's provider in nanoclaw's database, from the first row with its id. */
const providerOf = (groupId: string, source: LegacyRows): string | null => {
  const row = (source["agent_groups"] ?? []).find(({ id }) => id === groupId);
  const provider = row?.["agent_provider"];
  return typeof provider === "string" ? provider : null;
};

/** The actor in the histories: the operator who runs the import is the host's operator. */
const who = { actor: "host" };
const origin = { ...who, change: "backfill", reason: "taken over from nanoclaw's database" } as const;

type Done = {
  readonly db: Database;
  readonly place: ImportPlace;
  readonly fromDatabase: Set<string>;
  readonly sentences: string[];
};

/** Configures a group from its first row. Reports the row's problems, and further rows. */
const configureFromRow = async (done: Done, group: LegacyGroup, source: LegacyRows): Promise<void> => {
  const { db, place, fromDatabase, sentences } = done;
  const { dataDir, mountRule } = place;
  const named = `${group.folder} (${group.id})`;
  const rows = (source["container_configs"] ?? []).filter(
    ({ agent_group_id }) => agent_group_id === group.id,
  );
  const [row] = rows;
  if (row === undefined) return;
  if (rows.length > 1)
    sentences.push(`${named} has ${rows.length} rows in container_configs; the first row was read.`);
  const {
    settings: read,
    refused,
    ignored,
  } = await readLegacyRow(row, { dataDir, home: homedir(), mountRule });
  const cli_scope = narrowest(group.ceiling, scopeFor(group.ownership));
  const settings = { ...read, cli_scope };
  const made = await containerConfigStore<CentralTables>(db, place).create(group.id, settings, origin);
  if (!made.ok) throw new Error(`A checked configuration was refused: ${made.error.code}`);
  fromDatabase.add(group.id);
  const reach = reachOf(settings);
  if (reach.length > 0) sentences.push(`${named} took from nanoclaw's database: ${reach.join("; ")}.`);
  sentences.push(...refused.map(({ path, problem }) => `${named} was not given ${path}: it ${problem}.`));
  sentences.push(...ignored.map((what) => `${named} needs no ${what}.`));
  sentences.push(...scopeSentences(group, cli_scope));
};

/** Reports a scope that differs from nanoclaw's, and a scope that the owner may expect to be wider. */
const scopeSentences = ({ folder, id, ownership, ceiling }: LegacyGroup, has: Scope): readonly string[] => {
  const named = `${folder} (${id})`;
  if (has !== ceiling)
    return [
      `${named} had the CLI scope ${ceiling} and has ${has}, because other people than an owner may write to it. If only an owner does: ncl groups config update ${id} --cli-scope ${ceiling}`,
    ];
  if (ownership !== "owner" || has === "global") return [];
  return [
    `${named} keeps the CLI scope ${has}. Only an owner writes to the group; to give it all of the CLI: ncl groups config update ${id} --cli-scope global`,
  ];
};

/**
 * Saves the scope `disabled` for a group with a broken configuration, if the group had that scope. Without a configuration
 * the group would get the scope `group`.
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

/** Returns a sentence if nanoclaw's database has a provider for this group without a configuration. */
const unsetProvider = ({ folder, id, agent_provider }: LegacyGroup): readonly string[] => {
  const checked = checkField("provider", agent_provider);
  if (!agent_provider || !checked.ok) return [];
  return [
    `${folder} (${id}) had the provider ${checked.value} in nanoclaw's database. Once it has a configuration: ncl groups config update ${id} --provider ${checked.value}`,
  ];
};

/** Returns a sentence for each row of a configuration that belongs to no imported group. */
const unassignedRows = (source: LegacyRows, groups: readonly LegacyGroup[]): readonly string[] => {
  const ids = new Set<unknown>(groups.map(({ id }) => id));
  const others = (source["container_configs"] ?? []).filter(({ agent_group_id }) => !ids.has(agent_group_id));
  return others.map(({ agent_group_id }) => {
    const id = typeof agent_group_id === "string" ? agent_group_id : "not text";
    return `A row in container_configs was not imported: agent_group_id points to no imported group (${id}).`;
  });
};
