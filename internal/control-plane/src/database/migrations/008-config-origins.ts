import { containerConfigSteps } from "@nc/container-config/node";
import type { Migration } from "../migration.ts";

/** Who made each generation of a configuration, and why. Earlier generations have neither. */
export const configOrigins: Migration = {
  version: 8,
  name: "config-origins",
  up: containerConfigSteps[1],
};
