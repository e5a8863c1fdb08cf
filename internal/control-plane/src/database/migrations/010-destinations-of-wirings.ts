import type { Kysely } from "kysely";
import { chatDestinationName } from "../chat-destination-name.ts";
import type { Migration } from "../migration.ts";

/**
 * A destination for each wiring from before wirings made their own: without one the agent's replies to that
 * chat are dropped. It has the name that a new wiring would get.
 */
export const destinationsOfWirings: Migration = {
  version: 10,
  name: "destinations-of-wirings",
  up: async (anyDb) => {
    const db = anyDb as Kysely<Tables>;
    const taken = new Set<string>();
    const reached = new Set<string>();
    const there = await db.selectFrom("agent_destinations").selectAll().execute();
    for (const { agent_group_id: group, local_name, target_type, target_id } of there) {
      taken.add(keyOf(group, local_name));
      if (target_type === "channel") reached.add(keyOf(group, target_id));
    }
    for (const { group, chat, channel_type, name, created_at } of await wiredChats(db)) {
      if (reached.has(keyOf(group, chat))) continue;
      const local_name = chatDestinationName({ id: chat, channel_type, name }, (other) =>
        taken.has(keyOf(group, other)),
      );
      taken.add(keyOf(group, local_name));
      const row = { agent_group_id: group, local_name, target_type: "channel", target_id: chat, created_at };
      await db.insertInto("agent_destinations").values(row).execute();
    }
  },
};

/** The columns of this step's time. */
type Tables = {
  messaging_groups: { id: string; channel_type: string; name: string | null };
  messaging_group_agents: {
    id: string;
    messaging_group_id: string;
    agent_group_id: string;
    created_at: string;
  };
  agent_destinations: {
    agent_group_id: string;
    local_name: string;
    target_type: string;
    target_id: string;
    created_at: string;
  };
};

/** The oldest wiring first, as they got their names if each had made its own. */
const wiredChats = (db: Kysely<Tables>) =>
  db
    .selectFrom("messaging_group_agents as wiring")
    .innerJoin("messaging_groups as chat", "chat.id", "wiring.messaging_group_id")
    .select([
      "wiring.agent_group_id as group",
      "chat.id as chat",
      "chat.channel_type",
      "chat.name",
      "wiring.created_at",
    ])
    .orderBy("wiring.created_at")
    .orderBy("wiring.id")
    .execute();

const keyOf = (group: string, of: string): string => JSON.stringify([group, of]);
