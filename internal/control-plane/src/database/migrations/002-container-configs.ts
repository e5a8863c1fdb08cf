import { containerConfigSteps } from "@nc/container-config/node";
import type { Migration } from "../migration.ts";

/** The configuration of each group's containers, and its history. */
export const containerConfigs: Migration = {
  version: 2,
  name: "container-configs",
  up: containerConfigSteps[0],
};
