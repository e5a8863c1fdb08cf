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
import { groupOwnerships } from "../database/group-ownerships.ts";
import { visible } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import { settleStaging } from "./staged-folders.ts";
import { finishPurges } from "../world/group-folders.ts";

/** The place of the groups' files: the data folder, or the staging folder. `now` gives ISO 8601 in UTC. */
export type BackfillPlace = {
  readonly dataDir: string;
  readonly groupsDir: string;
  readonly now: () => string;
};

/**
 * Gives every one of these groups without configuration the one from its `container.json` and its old
 * provider, in one transaction or in the caller's. `vouched`: a person named these files.
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
 * The scope of a group without configuration, as `readScope` gives it. After this, only a person widens it.
 */
const unconfigured = "group";

/**
 * The same at the start of a host. Returns the lines to print: at least one for each group that got its
 * configuration.
 */
export const startUpBackfill = async (
  db: Kysely<CentralTables>,
  dataDir: string,
  now: () => string,
): Promise<readonly string[]> => {
  await settleStaging(db, dataDir);
  const notPurged = await finishPurges(dataDir);
  const groups = (await groupOwnerships(db)).map((group) => ({ ...group, ceiling: unconfigured }) as const);
  const place = {
    dataDir,
    groupsDir: join(dataDir, "groups"),
    now,
    vouched: false,
    origin: { actor: "host" },
  };
  const report = await backfillGroups(db, groups, place);
  const unreadable = (await containerConfigStore<CentralTables>(db, { now }).getAll()).flatMap((one) =>
    one.ok ? [] : explain(one.error),
  );
  // The group's agent may have written the keys of a container.json.
  return [...notPurged, ...unreadable, ...report.backfilled.map(takenLine), ...explainBackfill(report)].map(
    visible,
  );
};

const takenLine = ({ folder, groupId, from, scope }: Backfilled): string =>
  `${folder} (${groupId}) got its configuration from ${from === "file" ? "its container.json" : "the defaults"}, with the CLI scope ${scope}.`;
