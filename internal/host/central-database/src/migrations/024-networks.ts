import { containerConfigSteps } from "@nc/container-config/node";
import type { Migration } from "../migration.ts";

/** What the agents of a group reach from their containers. */
export const networks: Migration = {
  version: 24,
  name: "networks",
  up: async (db) => {
    const [, , , , , network] = containerConfigSteps;
    await network(db);
  },
};
