import { containerConfigSteps } from "@nc/container-config/node";
import type { Migration } from "../migration.ts";

/** What each group's containers run with, and how it came about. */
export const containerConfigs: Migration = {
  version: 2,
  name: "container-configs",
  up: containerConfigSteps[0],
};
