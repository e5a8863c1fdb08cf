import type { Kysely } from "kysely";
import type { CommandError } from "@nc/cli-scope";
import { ok, type Result } from "@gatehouse/std";
import { agentDestinationName, chatDestinationName, type CentralTables } from "@gatehouse/central-database";
import type { CommandContext } from "./command-context.ts";

/** The agent group and the chat of a wiring, and the time at which it was made. */
export type Wiring = {
  readonly agent_group_id: string;
  readonly messaging_group_id: string;
  readonly created_at: string;
};

/**
 * Clears the refusal of agents in a chat. Wiring a chat calls it, and the refusal stays cleared after the
 * wiring.
 */
export const forgetRefusal = async (db: Kysely<CentralTables>, chatId: string): Promise<void> => {
  await db
    .updateTable("messaging_groups")
    .set({ refused_at: null, refused_by: null })
    .where("id", "=", chatId)
    .where("refused_at", "is not", null)
    .execute();
};

/**
 * Lets the agent of a new wiring send to its chat: an agent can send only to destinations, so without one its
 * replies would be dropped. Returns the name of the new destination, or of an existing one for this chat.
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

/** Maximum number of a group's destinations that are checked for a free name. */
const most = 10_000;

/** Lets the agent of a group send to the agent of another group. Returns the new destination's name. */
export const addAgentDestination = async (
  context: CommandContext,
  agent_group_id: string,
  { id: target_id, name }: { readonly id: string; readonly name: string },
): Promise<Result<string, CommandError>> => {
  const rows = context.rows("destinations");
  const there = await rows.list({ where: { agent_group_id }, limit: most });
  if (!there.ok) return there;
  const taken = new Set(there.value.map((row) => row["local_name"]));
  const local_name = agentDestinationName(name, (other) => taken.has(other));
  const made = await rows.create({ agent_group_id, local_name, target_type: "agent", target_id });
  return made.ok ? ok(local_name) : made;
};
