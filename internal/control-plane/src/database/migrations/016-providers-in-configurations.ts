import type { Kysely } from "kysely";
import type { Migration } from "../migration.ts";

/**
 * Moves `agent_groups.agent_provider` into the configuration of its group, as a generation of its own; a
 * provider that the configuration names stays. A group without a configuration keeps its value for the
 * backfill, and so does a value that no configuration may have.
 */
export const providersInConfigurations: Migration = {
  version: 16,
  name: "providers-in-configurations",
  up: async (anyDb) => {
    const db = anyDb as Kysely<Tables>;
    for (const old of await oldProviders(db)) {
      const provider = old.agent_provider?.toLowerCase() ?? "";
      if (provider !== "" && !known.includes(provider)) continue;
      if (old.provider === null && provider !== "") await addGeneration(db, old, provider);
      await db.updateTable("agent_groups").set({ agent_provider: null }).where("id", "=", old.id).execute();
    }
  },
};

/** The providers of this step's time. */
const known = ["claude", "codex", "gemini", "copilot", "qwen", "kimi", "opencode", "pi", "echo"];

/** The columns of this step's time. */
type Tables = {
  agent_groups: { id: string; agent_provider: string | null };
  container_configs: {
    agent_group_id: string;
    provider: string | null;
    generation: number;
    updated_at: string;
  };
  container_config_history: {
    agent_group_id: string;
    generation: number;
    config: string;
    change: string;
    changed_at: string;
    actor: string | null;
    reason: string | null;
  };
};

type Old = { id: string; agent_provider: string | null; provider: string | null; generation: number };

const oldProviders = (db: Kysely<Tables>): Promise<readonly Old[]> =>
  db
    .selectFrom("agent_groups as group")
    .innerJoin("container_configs as config", "config.agent_group_id", "group.id")
    .select(["group.id", "group.agent_provider", "config.provider", "config.generation"])
    .where("group.agent_provider", "is not", null)
    .orderBy("group.id")
    .execute();

const addGeneration = async (
  db: Kysely<Tables>,
  { id, generation }: Old,
  provider: string,
): Promise<void> => {
  const next = generation + 1;
  await db
    .updateTable("container_configs")
    .set({ provider, generation: next })
    .where("agent_group_id", "=", id)
    .execute();
  const last = await db
    .selectFrom("container_config_history")
    .selectAll()
    .where("agent_group_id", "=", id)
    .where("generation", "=", generation)
    .executeTakeFirst();
  if (last === undefined) return;
  const config = JSON.stringify({ ...(JSON.parse(last.config) as object), provider });
  // A step has no clock: the time is that of the generation before.
  const row = { ...last, generation: next, config, change: "update", actor: "host", reason };
  await db.insertInto("container_config_history").values(row).execute();
};

const reason = "the provider was in agent_groups.agent_provider";
