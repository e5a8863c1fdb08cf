import type { FactsError } from "../../plan/add-error.ts";
import type { RemovalFacts } from "../../plan/plan-removal.ts";
import { stagingPaths } from "../../plan/plan-steps.ts";
import { archiveOf, layoutOf } from "../../plan/user-layout.ts";
import type { Machine } from "../../ports.ts";
import { ok, type Result } from "@gatehouse/std";
import type { User } from "../../user/user.ts";
import { layoutFacts, ruleOnDisk, type HostFacts } from "../host-facts.ts";
import type { Places } from "../places.ts";

export type Removal = HostFacts & {
  readonly places: Places;
  readonly user: User;
  /** The time, in the form used in an archive's name. */
  readonly stamp: string;
};

/** Gathers all other facts about the machine that a removal needs. Writes nothing. */
export const gatherRemoval = async (
  machine: Machine,
  { places, user, stamp, usersFile, service }: Removal,
): Promise<Result<RemovalFacts, FactsError>> => {
  const { dataDir } = places;
  const layout = layoutOf(dataDir, user.telegram_id);
  const archive = archiveOf(dataDir, user.telegram_id, stamp);
  const sudoers = await ruleOnDisk(machine, places, user, user.os_user, service);
  if (!sudoers.ok) return sudoers;
  const entries = await layoutFacts(machine, {
    dataDir,
    layout,
    more: [archive.shared, archive.folder, ...stagingPaths(places.usersFile)],
  });
  if (!entries.ok) return entries;
  return ok({
    usersFile,
    dataDir,
    service,
    ...entries.value,
    sudoers: sudoers.value,
  });
};
