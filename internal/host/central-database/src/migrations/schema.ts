import { createContainerConfigTables } from "@nc/container-config/node";
import type { Migration } from "kysely";
import { createApprovalTables } from "./tables/approvals.ts";
import { createGroupTables } from "./tables/groups.ts";
import { createLocalMessages } from "./tables/local-messages.ts";
import { createMessageTables } from "./tables/messages.ts";
import { createMessengerTables } from "./tables/messengers.ts";
import { createPeopleTables } from "./tables/people.ts";
import { createSessionHostTables } from "./tables/sessions.ts";
import { createToolRules } from "./tables/tools.ts";
import { createUsageTables } from "./tables/usage.ts";

/** All tables. A table comes after the tables that it refers to. */
export const schema: Migration = {
  up: async (db) => {
    await createGroupTables(db);
    await createPeopleTables(db);
    await createContainerConfigTables(db);
    await createSessionHostTables(db);
    await createMessageTables(db);
    await createApprovalTables(db);
    await createToolRules(db);
    await createLocalMessages(db);
    await createMessengerTables(db);
    await createUsageTables(db);
  },
};
