import { packagesMissing } from "@gatehouse/agent-clis/applied";
import { startedGenerations, type Central, type CentralTables } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, withPackages, type ContainerConfig } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { configOf } from "./instruct.ts";
import type { Place } from "./place.ts";
import type { ImageNeeds, WorkloadDeps } from "./workload-deps.ts";

/** The names of packages to add to a group, and who wants them, and why. */
type WantedPackages = {
  readonly groupId: string;
  readonly packages: { readonly apt: readonly string[]; readonly npm: readonly string[] };
  readonly actor: string;
  readonly why: string | null;
};

/** The parts of the host that install packages. */
type InstallDeps = Pick<WorkloadDeps, "now"> & {
  readonly central: Pick<Central, "loop" | "db">;
  readonly place: Pick<Place, "cannot" | "packages">;
  /** Aborts a build. */
  readonly closing: AbortSignal;
};

/**
 * Builds the image of a group with more packages, or the folder with them, and then saves the packages. If the
 * configuration changes meanwhile, builds again with both changes. After an error, nothing is saved, so the group can still
 * start.
 */
export const installPackages = async (
  { central, now, place, closing }: InstallDeps,
  { groupId, packages: wanted, actor, why }: WantedPackages,
): Promise<Result<null, string>> => {
  const store = containerConfigStore<CentralTables>(central.db, { now, pinned: startedGenerations });
  // The host may have another place than when the packages were asked for.
  const missing = packagesMissing(place, wanted);
  if (missing !== null || place.packages === null) return fail(missing ?? "This host installs no packages.");
  for (;;) {
    const config = await configOf({ central, now }, groupId);
    if (!config.ok) return config;
    const { generation, image_tag: own } = config.value;
    if (place.cannot.image === undefined && own !== null)
      return fail(`The group has an image of its own, ${own}, which the host does not change.`);
    const needs = withWanted(config.value, wanted);
    const built = await place.packages.build(needs, closing);
    if (!built.ok) return built;
    const origin = { actor, ...(why === null ? {} : { reason: why }) };
    const saved = await store.updateScalars(groupId, needs, { ...origin, ifGeneration: generation });
    if (saved.ok) return ok(null);
    if (saved.error.code !== "generation-conflict") return fail(explain(saved.error));
  }
};

/** Adds the wanted packages to those of a group, each once. */
const withWanted = (
  { packages_apt, packages_npm }: Pick<ContainerConfig, keyof ImageNeeds>,
  { apt, npm }: WantedPackages["packages"],
): ImageNeeds => ({
  packages_apt: withPackages(packages_apt, apt),
  packages_npm: withPackages(packages_npm, npm),
});
