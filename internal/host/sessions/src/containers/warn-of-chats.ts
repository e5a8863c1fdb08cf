import type { LoopContext } from "../context.ts";

/**
 * Warns of all chats that a group is wired to but has no destination for: only the session of such a chat can
 * send to it. One warning for each group, and another one when the set of chats changes.
 */
export const warnOfChats = async (
  { central: { loop: db }, log, warnedOfChats }: LoopContext,
  group: { readonly id: string; readonly name: string },
): Promise<void> => {
  const rows = await db
    .selectFrom("messaging_group_agents")
    .innerJoin("messaging_groups", "messaging_groups.id", "messaging_group_agents.messaging_group_id")
    .leftJoin("agent_destinations", (join) =>
      join
        .onRef("agent_destinations.agent_group_id", "=", "messaging_group_agents.agent_group_id")
        .onRef("agent_destinations.target_id", "=", "messaging_groups.id")
        .on("agent_destinations.target_type", "=", "channel"),
    )
    .select(["channel_type", "platform_id", "name"])
    .where("messaging_group_agents.agent_group_id", "=", group.id)
    .where("local_name", "is", null)
    .orderBy("channel_type")
    .orderBy("platform_id")
    .execute();
  const chats = rows
    .map(({ channel_type, platform_id, name }) => name ?? `${channel_type} ${platform_id}`)
    .join(", ");
  if (chats === (warnedOfChats.get(group.id) ?? "")) return;
  warnedOfChats.set(group.id, chats);
  if (chats === "") return;
  const fix = `ncl destinations add --agent-group-id ${group.id}`;
  log("chats-without-destination", { group: group.id, name: group.name, chats, fix });
};
