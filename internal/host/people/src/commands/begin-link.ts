import type { User } from "@nc/user-wizard";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { readMessengerBots, startLink, withOwnersRights } from "@gatehouse/data-folder";

/**
 * The link with which a person begins the chat with this host's Telegram bot; null without a bot, and for a person who is a
 * member of no group, or of several of which none was named. It is valid for a day, for that person's account alone.
 */
export const beginLink = async (
  place: CentralPlace,
  user: User,
  named: string | undefined,
): Promise<string | null> => {
  const userId = `telegram:${user.telegram_id}`;
  const [bots, groups] = await withOwnersRights(place.dataDir, () =>
    Promise.all([readMessengerBots(place.dataDir), groupsOf(place, userId)]),
  );
  // The chats of a further bot have no such link.
  const bot = bots.ok ? bots.value.find((one) => one.type === "telegram" && one.bot === "") : undefined;
  const meant = groups.filter(
    ({ id, name, folder }) => named === undefined || [id, name, folder].includes(named),
  );
  const [group] = meant;
  if (bot === undefined || group === undefined || meant.length > 1) return null;
  return startLink(bot, { userId, groupId: group.id, now: new Date().toISOString() });
};

const groupsOf = async (place: CentralPlace, userId: string) => {
  const read = await readCentral(place, (db) =>
    db
      .selectFrom("agent_group_members")
      .innerJoin("agent_groups", "agent_groups.id", "agent_group_members.agent_group_id")
      .select(["agent_groups.id", "agent_groups.name", "agent_groups.folder"])
      .where("user_id", "=", userId)
      .execute(),
  );
  return read.ok ? (read.value ?? []) : [];
};
