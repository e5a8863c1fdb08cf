import type { Migration } from "../migration.ts";

/** A session's own model, the provider that it was given for, and the choice that its container started with. */
export const sessionModels: Migration = {
  version: 23,
  name: "session models",
  up: async (db) => {
    for (const name of ["agent_model", "agent_model_provider", "container_agent"])
      await db.schema.alterTable("sessions").addColumn(name, "text").execute();
  },
};
