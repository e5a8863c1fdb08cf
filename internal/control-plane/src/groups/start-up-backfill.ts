import { homedir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { explain, explainBackfill, type BackfillReport, type Backfilled } from "@nc/container-config";
import { backfillContainerConfigs, containerConfigStore, type LegacyGroup } from "@nc/container-config/node";
import { groupOwnerships } from "../database/group-ownerships.ts";
import { visible } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import { settleStaging } from "./staged-folders.ts";
import { finishPurges } from "../world/group-folders.ts";

/** Where the groups' files are: in the data folder, or in what waits to get there. `now` gives ISO 8601 in UTC. */
export type BackfillPlace = {
  readonly dataDir: string;
  readonly groupsDir: string;
  readonly now: () => string;
};

/**
 * Gives every one of these groups that has no configuration the one that its `container.json` and its old provider say, in one
 * transaction or in the caller's. `vouched`: a person named these files.
 */
export const backfillGroups = (
  db: Kysely<CentralTables>,
  groups: readonly LegacyGroup[],
  place: BackfillPlace & { readonly vouched: boolean },
): Promise<BackfillReport> =>
  backfillContainerConfigs<CentralTables>(db, { ...place, groups, home: homedir() });

/** The scope of a group without configuration, as `readScope` gives it. From here on only a person widens it. */
const unconfigured = "group";

/** The same at the start of a host: what there is to say, at least a line for each group that got its configuration, or none. */
export const startUpBackfill = async (
  db: Kysely<CentralTables>,
  dataDir: string,
  now: () => string,
): Promise<readonly string[]> => {
  await settleStaging(db, dataDir);
  const notPurged = await finishPurges(dataDir);
  const groups = (await groupOwnerships(db)).map((group) => ({ ...group, ceiling: unconfigured }) as const);
  const place = { dataDir, groupsDir: join(dataDir, "groups"), now, vouched: false };
  const report = await backfillGroups(db, groups, place);
  const unreadable = (await containerConfigStore<CentralTables>(db, { now }).getAll()).flatMap((one) =>
    one.ok ? [] : explain(one.error),
  );
  // The keys of a container.json are what its group's agent made them.
  return [...notPurged, ...unreadable, ...report.backfilled.map(takenLine), ...explainBackfill(report)].map(
    visible,
  );
};

const takenLine = ({ folder, groupId, from, scope }: Backfilled): string =>
  `${folder} (${groupId}) got its configuration from ${from === "file" ? "its container.json" : "the defaults"}, with the CLI scope ${scope}.`;
