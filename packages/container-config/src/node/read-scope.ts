import type { Kysely, Transaction } from "kysely";
import type { Scope } from "../choices.ts";
import type { ContainerConfigTables } from "../tables.ts";
import type { ConfigDatabase } from "./read-configs.ts";

/**
 * The scope of a group's agent for the admin CLI, as this database or transaction sees it; `group` without a
 * configuration. A host reads it on every call.
 */
export const readScope = async <Tables extends ContainerConfigTables>(
  anyDb: Kysely<Tables> | Transaction<Tables>,
  groupId: string,
): Promise<Scope> => {
  // Kysely's type is not covariant in its tables; of these only our own are used.
  const db = anyDb as unknown as ConfigDatabase;
  const row = await db
    .selectFrom("container_configs")
    .select("cli_scope")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  return toScope(row?.cli_scope ?? "group");
};

/** An unknown text means no access. */
const toScope = (text: string): Scope => (text === "group" || text === "global" ? text : "disabled");
