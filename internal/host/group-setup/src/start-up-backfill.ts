import { homedir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import {
  explain,
  explainBackfill,
  type BackfillReport,
  type Backfilled,
  type Origin,
  type Settings,
} from "@nc/container-config";
import {
  backfillContainerConfigs,
  containerConfigStore,
  type LegacyGroup,
  type MountRule,
} from "@nc/container-config/node";
import { groupOwnerships, type CentralTables } from "@gatehouse/central-database";
import { explainAllowList, addMountsOfGroups } from "@gatehouse/mounts";
import { visible } from "@gatehouse/std";
import { settleStaging } from "./staged-folders.ts";
import { finishPurges } from "@gatehouse/command-context";

/** The place of the groups' files: the data folder, or the staging folder. `now` gives ISO 8601 in UTC. */
export type BackfillPlace = {
  readonly dataDir: string;
  readonly groupsDir: string;
  readonly now: () => string;
};

/**
 * Gives each of these groups that has no configuration one from its `container.json` and its provider in
 * nanoclaw's database, in a new transaction or in the caller's. `vouched`: a person named these files.
 */
export const backfillGroups = (
  db: Kysely<CentralTables>,
  groups: readonly LegacyGroup[],
  place: BackfillPlace & {
    readonly vouched: boolean;
    readonly defaults?: Partial<Settings>;
    readonly mountRule?: MountRule;
    readonly origin: Origin;
  },
): Promise<BackfillReport> =>
  backfillContainerConfigs<CentralTables>(db, { ...place, groups, home: homedir() });

/**
 * The scope that `readScope` gives for a group without configuration. The backfill must not give more; only a
 * person may widen it.
 */
const unconfigured = "group";

/**
 * Runs the backfill at the start of a host, after it settled staged folders and unfinished removals. Returns
 * the lines to print: at least one for each group that got a configuration.
 */
export const startUpBackfill = async (
  db: Kysely<CentralTables>,
  dataDir: string,
  now: () => string,
): Promise<readonly string[]> => {
  await settleStaging(db, dataDir);
  const notPurged = await finishPurges(dataDir);
  const groups = (await groupOwnerships(db)).map(
    (group) => ({ ...group, agent_provider: null, ceiling: unconfigured }) as const,
  );
  const place = {
    dataDir,
    groupsDir: join(dataDir, "groups"),
    now,
    vouched: false,
    origin: { actor: "host" },
  };
  const store = containerConfigStore<CentralTables>(db, { now });
  // Before the backfill, because no person has vouched for the mounts in the files that the backfill reads.
  const allowed = await firstMountsOf(await store.getAll(), dataDir);
  const report = await backfillGroups(db, groups, place);
  const unreadable = (await store.getAll()).flatMap((one) => (one.ok ? [] : explain(one.error)));
  // The group's agent may have written the keys of a container.json.
  return [
    ...notPurged,
    ...allowed,
    ...unreadable,
    ...report.backfilled.map(backfilledLine),
    ...explainBackfill(report),
  ].map(visible);
};

/** Allows the folders that groups mounted before there was a list of them. Returns the lines to print. */
const firstMountsOf = async (
  configs: Awaited<ReturnType<ReturnType<typeof containerConfigStore>["getAll"]>>,
  dataDir: string,
): Promise<readonly string[]> => {
  const mounts = configs.flatMap((one) => (one.ok ? one.value.additional_mounts : []));
  const written = await addMountsOfGroups(dataDir, mounts);
  if (!written.ok) return [`${explainAllowList(written.error).message} No agent with a mount starts.`];
  return written.value.map(
    ({ path, access }) =>
      `${path} may be mounted${access === "write" ? " to write to" : ""}, as a group does: gatehouse mounts list`,
  );
};

const backfilledLine = ({ folder, groupId, from, scope }: Backfilled): string =>
  `${folder} (${groupId}) got its configuration from ${from === "file" ? "its container.json" : "the defaults"}, with the CLI scope ${scope}.`;
