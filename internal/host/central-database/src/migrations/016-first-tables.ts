import { containerConfigSteps } from "@nc/container-config/node";
import type { Migration } from "../migration.ts";
import { createApprovalTables } from "./first-tables/approvals.ts";
import { createGroupTables } from "./first-tables/groups.ts";
import { createLocalMessages } from "./first-tables/local-messages.ts";
import { createPeopleTables } from "./first-tables/people.ts";
import { createSessionHostTables } from "./first-tables/sessions.ts";

/**
 * The tables that sixteen steps made before the first release. A database on which all sixteen ran has these
 * tables, and continues with the next step.
 */
export const firstTables: Migration = {
  version: 16,
  name: "first-tables",
  up: async (db) => {
    await createGroupTables(db);
    await createPeopleTables(db);
    const [tables, origins] = containerConfigSteps;
    await tables(db);
    await origins(db);
    await createSessionHostTables(db);
    await createApprovalTables(db);
    await createLocalMessages(db);
  },
};
