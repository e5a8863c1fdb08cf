import type { Central } from "@gatehouse/central-database";
import { parseJson } from "@gatehouse/std";
import type { ImageNeeds } from "./workload-deps.ts";
import { containerConfigStore } from "@nc/container-config/node";

/**
 * The packages of all groups, and those with which running agents started. Null if a configuration is unreadable: its
 * packages are not known.
 */
export const neededPackages = async ({
  loop: db,
}: Pick<Central, "loop">): Promise<readonly ImageNeeds[] | null> => {
  const configs = await containerConfigStore(db, { now: () => "" }).getAll();
  if (configs.some(({ ok }) => !ok)) return null;
  const started = await db
    .selectFrom("sessions")
    .innerJoin("container_config_history", (join) =>
      join
        .onRef("container_config_history.agent_group_id", "=", "sessions.agent_group_id")
        .onRef("container_config_history.generation", "=", "sessions.config_generation"),
    )
    .select("container_config_history.config")
    .where("sessions.container_status", "!=", "stopped")
    .execute();
  return [
    ...configs.flatMap((config) => (config.ok ? [config.value] : [])),
    ...started.map(({ config }) => packagesIn(parseJson(config))),
  ];
};

const packagesIn = (stored: unknown): ImageNeeds => {
  const { packages_apt = [], packages_npm = [] } = (stored ?? {}) as Partial<ImageNeeds>;
  return { packages_apt, packages_npm };
};
