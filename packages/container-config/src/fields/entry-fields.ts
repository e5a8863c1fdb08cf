import { z } from "zod";
import type { Entries } from "../container-config.ts";
import type { Field } from "./field.ts";
import { mcpServers } from "./mcp-server.ts";
import { mounts } from "./mount.ts";
import { aptPackage, npmPackage, packagesOf } from "./packages.ts";
import { shaped } from "./texts.ts";

const skill = shaped(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "a skill's name: letters, digits, . _ and -");

/**
 * All lists and maps of a configuration. To add one, add a row here, a line in `Entries`, and a column in a
 * migration.
 */
export const entryFields: { readonly [Name in keyof Entries]: Field<Entries[Name]> } = {
  skills: {
    check: z.union([z.literal("all"), z.array(skill).max(500)]),
    needs: "restart",
    file: "skills",
    agentsOwn: true,
    initial: "all",
  },
  mcp_servers: {
    check: mcpServers,
    needs: "restart",
    file: "mcpServers",
    agentsOwn: false,
    initial: {},
  },
  packages_apt: {
    check: packagesOf(aptPackage),
    needs: "rebuild",
    file: "packages.apt",
    agentsOwn: false,
    initial: [],
  },
  packages_npm: {
    check: packagesOf(npmPackage),
    needs: "rebuild",
    file: "packages.npm",
    agentsOwn: false,
    initial: [],
  },
  additional_mounts: {
    check: mounts,
    needs: "restart",
    file: "additionalMounts",
    agentsOwn: false,
    initial: [],
  },
};
