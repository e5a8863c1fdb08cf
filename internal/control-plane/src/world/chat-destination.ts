import type { Kysely } from "kysely";
import { chatDestinationName } from "../database/chat-destination-name.ts";
import type { CentralTables } from "../database/tables.ts";

/** The agent group and the chat of a wiring, and when it was made. */
export type Wiring = {
  readonly agent_group_id: string;
  readonly messaging_group_id: string;
  readonly created_at: string;
};

/**
 * Lets the agent of a new wiring send to its chat: an agent sends to destinations only, so without one its
 * replies would be dropped. Returns the destination's name, or the one that the chat has already.
 */
export const addChatDestination = async (
  db: Kysely<CentralTables>,
  { agent_group_id, messaging_group_id: target_id, created_at }: Wiring,
): Promise<string> => {
  const there = await db
    .selectFrom("agent_destinations")
    .select(["local_name", "target_type", "target_id"])
    .where("agent_group_id", "=", agent_group_id)
    .orderBy("created_at")
    .orderBy("local_name")
    .execute();
  const known = there.find((one) => one.target_type === "channel" && one.target_id === target_id);
  if (known !== undefined) return known.local_name;
  const chat = await db
    .selectFrom("messaging_groups")
    .select(["id", "channel_type", "name"])
    .where("id", "=", target_id)
    .executeTakeFirstOrThrow();
  const names = new Set(there.map(({ local_name }) => local_name));
  const local_name = chatDestinationName(chat, (name) => names.has(name));
  await db
    .insertInto("agent_destinations")
    .values({ agent_group_id, local_name, target_type: "channel", target_id, created_at })
    .execute();
  return local_name;
};
