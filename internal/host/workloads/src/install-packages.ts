import { packagesMissing } from "@gatehouse/agent-clis/applied";
import { startedGenerations, type Central, type CentralTables } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, withPackages, type ContainerConfig, type Origin } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { configOf } from "./instruct.ts";
import type { Place } from "./place.ts";
import type { ImageNeeds } from "./workload-deps.ts";

/** The names of packages to add to a group, and the origin of the change. */
export type WantedPackages = {
  readonly groupId: string;
  readonly apt: readonly string[];
  readonly npm: readonly string[];
  readonly origin: Origin;
};

/** The parts of the host that install packages. */
export type InstallDeps = {
  readonly central: Pick<Central, "loop" | "db">;
  readonly now: () => string;
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
  { groupId, origin, ...wanted }: WantedPackages,
): Promise<Result<null, string>> => {
  const store = containerConfigStore<CentralTables>(central.db, { now, pinned: startedGenerations });
  // The host may have another place than when the packages were asked for.
  const missing = packagesMissing(place, wanted);
  if (missing !== null || place.packages === null) return fail(missing ?? "This host installs no packages.");
  for (;;) {
    const config = await configOf({ central, now }, groupId);
    if (!config.ok) return config;
    if (place.cannot.image === undefined && config.value.image_tag !== null)
      return fail(ownImage(config.value.image_tag));
    const needs = withWanted(config.value, wanted);
    const built = await place.packages.build(needs, closing);
    if (!built.ok) return built;
    const options = { ...origin, ifGeneration: config.value.generation };
    const saved = await store.updateScalars(groupId, needs, options);
    if (saved.ok) return ok(null);
    if (saved.error.code !== "generation-conflict") return fail(explain(saved.error));
  }
};

/** Adds the wanted packages to those of a group, each once. */
const withWanted = (
  { packages_apt, packages_npm }: Pick<ContainerConfig, keyof ImageNeeds>,
  { apt, npm }: Pick<WantedPackages, "apt" | "npm">,
): ImageNeeds => ({
  packages_apt: withPackages(packages_apt, apt),
  packages_npm: withPackages(packages_npm, npm),
});

const ownImage = (tag: string): string =>
  `The group has an image of its own, ${tag}, which the host does not change.`;
