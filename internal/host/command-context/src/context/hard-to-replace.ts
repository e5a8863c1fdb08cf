import type { Kysely } from "kysely";
import { groupOwnerships, type CentralTables } from "@gatehouse/central-database";

/** Why a group would be hard to replace, as a sentence without a period; null for any other group. */
export const hardToReplace = async (db: Kysely<CentralTables>, groupId: string): Promise<string | null> => {
  const global = await db
    .selectFrom("container_configs")
    .select("agent_group_id")
    .where("cli_scope", "=", "global")
    .limit(2)
    .execute();
  const [only] = global;
  if (global.length === 1 && only?.agent_group_id === groupId)
    return "It is the last group whose agent may use all of ncl";
  const owned = (await groupOwnerships(db)).find(({ id }) => id === groupId);
  return owned?.ownership === "owner" ? "It is the group in which an owner writes to their own agent" : null;
};
