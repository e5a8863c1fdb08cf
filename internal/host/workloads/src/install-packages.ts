import { startedGenerations, type Central, type CentralTables } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, withPackages, type ContainerConfig, type Origin } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { configOf } from "./instruct.ts";
import type { GroupImages, ImageNeeds } from "./workload-deps.ts";

/** The packages that a group is to have as well, by name, and who wants them. */
export type WantedPackages = {
  readonly groupId: string;
  readonly apt: readonly string[];
  readonly npm: readonly string[];
  readonly origin: Origin;
};

/** The host whose groups get packages. */
export type InstallDeps = {
  readonly central: Pick<Central, "loop" | "db">;
  readonly now: () => string;
  readonly image: Pick<GroupImages, "build">;
  /** Ends a build. */
  readonly closing: AbortSignal;
};

/**
 * Builds the image of a group with more packages, and then saves them: a failed build leaves nothing that could not be
 * started. If the configuration is changed meanwhile, the image is built again with both changes. With an error, nothing
 * is saved.
 */
export const installPackages = async (
  { central, now, image, closing }: InstallDeps,
  { groupId, origin, ...wanted }: WantedPackages,
): Promise<Result<null, string>> => {
  const store = containerConfigStore<CentralTables>(central.db, { now, pinned: startedGenerations });
  for (;;) {
    const config = await configOf({ central, now }, groupId);
    if (!config.ok) return config;
    if (config.value.image_tag !== null) return fail(ownImage(config.value.image_tag));
    const needs = withWanted(config.value, wanted);
    const built = await image.build(needs, closing);
    if (!built.ok) return built;
    const options = { ...origin, ifGeneration: config.value.generation };
    const saved = await store.updateScalars(groupId, needs, options);
    if (saved.ok) return ok(null);
    if (saved.error.code !== "generation-conflict") return fail(explain(saved.error));
  }
};

/** The packages of a group with those that are wanted, each once. */
const withWanted = (
  { packages_apt, packages_npm }: Pick<ContainerConfig, keyof ImageNeeds>,
  { apt, npm }: Pick<WantedPackages, "apt" | "npm">,
): ImageNeeds => ({
  packages_apt: withPackages(packages_apt, apt),
  packages_npm: withPackages(packages_npm, npm),
});

const ownImage = (tag: string): string =>
  `The group has an image of its own, ${tag}, and what it contains is not ours to change.`;
