import type { User } from "@nc/user-wizard";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { startLink, withOwnersRights, messengerBots } from "@gatehouse/data-folder";

/** A link with which a person begins the chat with a bot of this host; a group answers there. */
export type BeginLink = {
  /** The bot's name on Telegram. */
  readonly bot: string;
  /** The group's name. */
  readonly group: string;
  readonly link: string;
};

/**
 * A link for each bot of Telegram and each group of which the person is a member, or only for the named group. It is valid
 * for a day, for that person's account alone.
 */
export const beginLinks = async (
  place: CentralPlace,
  user: User,
  named: string | undefined,
): Promise<readonly BeginLink[]> => {
  const userId = `telegram:${user.telegram_id}`;
  const [bots, groups] = await withOwnersRights(place.dataDir, () =>
    Promise.all([messengerBots.read(place.dataDir), groupsOf(place, userId)]),
  );
  const ofTelegram = bots.ok ? bots.value.filter(({ type }) => type === "telegram") : [];
  const now = new Date().toISOString();
  return groups
    .filter(({ id, name, folder }) => named === undefined || [id, name, folder].includes(named))
    .flatMap(({ id: groupId, name: group }) =>
      ofTelegram.map((bot) => ({
        bot: bot.username,
        group,
        link: startLink(bot, { userId, groupId, now }),
      })),
    );
};

const groupsOf = async (place: CentralPlace, userId: string) => {
  const read = await readCentral(place, (db) =>
    db
      .selectFrom("agent_group_members")
      .innerJoin("agent_groups", "agent_groups.id", "agent_group_members.agent_group_id")
      .select(["agent_groups.id", "agent_groups.name", "agent_groups.folder"])
      .where("user_id", "=", userId)
      .orderBy("agent_groups.name")
      .execute(),
  );
  return read.ok ? (read.value ?? []) : [];
};
