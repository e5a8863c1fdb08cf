import { join } from "node:path";
import type { Kysely, Transaction } from "kysely";
import type { BackfillReport, Backfilled, BrokenConfig } from "../legacy/backfill-report.ts";
import { checkField } from "../fields/check-config.ts";
import type { ConfigProblem } from "../config-error.ts";
import type { Settings } from "../fields/fields.ts";
import type { LegacyConfig } from "../legacy/legacy-config.ts";
import { scopeFor, type Ownership } from "../legacy/ownership.ts";
import type { Result } from "@gatehouse/std";
import { narrowest, type Scope } from "../choices.ts";
import type { Origin } from "../fields/origin.ts";
import type { ContainerConfigStore } from "../store.ts";
import type { ContainerConfigTables } from "../tables.ts";
import { reachOf, splitForAgent, applyCommands } from "../legacy/take-over.ts";
import { containerConfigStore } from "./config-store.ts";
import type { MountRule } from "./find-mount.ts";
import { findGroupFolder } from "./files/group-folder.ts";
import { readLegacyText } from "./read-legacy.ts";
import { inTransaction } from "./in-transaction.ts";
import { readSmallFile } from "./files/read-small-file.ts";

/** A group, as in the database. */
export type LegacyGroup = {
  readonly id: string;
  readonly folder: string;
  /** The provider in the legacy database. It wins over the file's provider. */
  readonly agent_provider: string | null;
  readonly ownership: Ownership;
  /** The widest scope that the group may get. A backfill never widens the rights of an agent. */
  readonly ceiling: Scope;
};

/**
 * `vouched`: a person named these files, which are read only this once. All valid values are saved, and the
 * report names each invalid entry. Without it, agents may have written the files. The backfill then leaves
 * out mounts, servers and everything else that a person decides, and the report has the commands that apply
 * them. A file with an invalid entry is then left until it is repaired. `home` replaces `~` in the host path
 * of a mount; neither it nor the data folder is mounted. `now` returns ISO 8601 in UTC.
 */
export type BackfillOptions = {
  readonly groups: readonly LegacyGroup[];
  readonly groupsDir: string;
  readonly dataDir: string;
  readonly home: string;
  readonly vouched: boolean;
  /** Settings for groups whose file does not have them. */
  readonly defaults?: Partial<Settings>;
  /** The mounts that the program that wrote the files allowed. */
  readonly mountRule?: MountRule;
  /** The author and the reason for the histories. The reason has a default. */
  readonly origin?: Origin;
  readonly now: () => string;
};

/**
 * Creates a configuration from `container.json` for every group that has none. Files stay as they are; a
 * broken file is reported, and read again the next time. All rows are written in one transaction, or in the
 * caller's.
 */
export const backfillContainerConfigs = async <Tables extends ContainerConfigTables>(
  db: Kysely<Tables> | Transaction<Tables>,
  { groups, now, origin = {}, ...place }: BackfillOptions,
): Promise<BackfillReport> => {
  // An unreadable configuration counts too: the file, which the agent can write, must not replace it.
  const present = await containerConfigStore(db, { now }).getAll();
  const configured = new Set(present.map((one) => (one.ok ? one.value.agent_group_id : one.error.groupId)));
  const legacy: Result<Found, BrokenConfig>[] = [];
  // Reads one group after the other. All at once would need more open files than a process may have.
  for (const group of groups.filter(({ id }) => !configured.has(id)))
    legacy.push(await readLegacy(group, place));
  const backfilled = await inTransaction(db, (transaction) =>
    saveAll(containerConfigStore(transaction, { now }), legacy, origin),
  );
  return { backfilled, broken: legacy.flatMap((one) => (one.ok ? [] : [one.error])) };
};

type Found = { readonly settings: Partial<Settings>; readonly report: Backfilled };

const saveAll = async (
  store: ContainerConfigStore,
  legacy: readonly Result<Found, BrokenConfig>[],
  origin: Origin,
): Promise<readonly Backfilled[]> => {
  const backfilled: Backfilled[] = [];
  for (const one of legacy) {
    if (!one.ok) continue;
    const { settings, report } = one.value;
    const created = await store.create(report.groupId, settings, {
      change: "backfill",
      reason: reasons[report.from],
      ...origin,
    });
    if (created.ok) backfilled.push(report);
    // Another writer created it meanwhile. The checks before exclude all other errors.
    else if (created.error.code !== "configuration-exists") throw new Error(created.error.code);
  }
  return backfilled;
};

const reasons = { file: "taken over from container.json", defaults: "there was no container.json" };

type BackfillContext = Omit<BackfillOptions, "groups" | "now" | "origin">;

const readLegacy = async (
  group: LegacyGroup,
  place: BackfillContext,
): Promise<Result<Found, BrokenConfig>> => {
  const { id: groupId, folder, ownership, ceiling } = group;
  const file = await readFile(groupId, folder, place);
  const provider = checkProvider(group.agent_provider);
  const entries = [...(file.ok ? (file.value?.refused ?? []) : file.error), ...provider.refused];
  if (!file.ok || (entries.length > 0 && !place.vouched))
    return { ok: false, error: { groupId, folder, problems: entries } };
  const cli_scope = narrowest(ceiling, scopeFor(ownership));
  const said = file.value?.settings ?? {};
  const { taken, left } = place.vouched ? { taken: said, left: {} } : splitForAgent(said);
  return {
    ok: true,
    value: {
      settings: { ...place.defaults, ...taken, ...provider.settings, cli_scope },
      report: {
        groupId,
        folder,
        from: file.value === null ? "defaults" : "file",
        scope: cli_scope,
        inDoubt: ownership === "in-doubt" && ceiling === "global",
        capped: ownership === "owner" && ceiling !== "global",
        ignored: file.value?.ignored ?? [],
        refused: entries,
        reach: reachOf(taken),
        left: applyCommands(groupId, withoutOverriddenProvider(left, provider.settings)),
      },
    },
  };
};

/** Removes the file's provider if the legacy database has one, which wins without a person's decision. */
const withoutOverriddenProvider = (
  left: Partial<Settings>,
  { provider }: Partial<Settings>,
): Partial<Settings> => {
  const { provider: named, ...others } = left;
  return provider === undefined && named !== undefined ? { provider: named, ...others } : others;
};

type Problems = readonly ConfigProblem[];

/** Null if the group has no file. */
const readFile = async (
  groupId: string,
  folder: string,
  { groupsDir, dataDir, home, mountRule }: BackfillContext,
): Promise<Result<LegacyConfig | null, Problems>> => {
  const unreadable = (detail: string) =>
    ({ ok: false, error: [{ path: "container.json", problem: `cannot be read (${detail})` }] }) as const;
  const inFolder = await findGroupFolder({ groupsDir, folder });
  if (!inFolder.ok) {
    const detail = "detail" in inFolder.error ? inFolder.error.detail : inFolder.error.code;
    return detail === "ENOENT" ? { ok: true, value: null } : unreadable(detail);
  }
  const file = await readSmallFile(join(inFolder.value, "container.json"));
  if (!file.ok) return unreadable(file.error);
  if (file.value === null) return { ok: true, value: null };
  const host = { dataDir, home, ...(mountRule === undefined ? {} : { mountRule }) };
  const legacy = await readLegacyText(file.value.text, groupId, host);
  return legacy.ok ? legacy : { ok: false, error: legacy.error.problems };
};

/** Checks the provider. An empty name means unset. */
const checkProvider = (name: string | null): Pick<LegacyConfig, "settings" | "refused"> => {
  if (name === null || name === "") return { settings: {}, refused: [] };
  const checked = checkField("provider", name);
  if (checked.ok) return { settings: { provider: checked.value }, refused: [] };
  const path = "agent_groups.agent_provider";
  return { settings: {}, refused: checked.error.problems.map(({ problem }) => ({ path, problem })) };
};
