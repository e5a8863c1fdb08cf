import { userIdsOf, type User } from "@nc/user-wizard";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { messengerBots, startCode, withOwnersRights } from "@gatehouse/data-folder";
import { messengers } from "@gatehouse/messengers/table";

/** A link with which a person begins the chat with a bot of this host; a group answers there. */
export type BeginLink = {
  /** The bot's name on its platform. */
  readonly bot: string;
  /** The group's name. */
  readonly group: string;
  readonly link: string;
  /** What the person does with it, the end of a sentence. */
  readonly how: string;
};

/**
 * A link for each bot of the person's messenger and each group of which they are a member, or only for the named group. It is
 * valid for a day, for that person's account alone. No links for a messenger that has none.
 */
export const beginLinks = async (
  place: CentralPlace,
  user: User,
  named: string | undefined,
): Promise<readonly BeginLink[]> => {
  const links: BeginLink[] = [];
  for (const userId of userIdsOf(user)) links.push(...(await linksOf(place, userId, named)));
  return links;
};

const linksOf = async (
  place: CentralPlace,
  userId: string,
  named: string | undefined,
): Promise<readonly BeginLink[]> => {
  const [type = ""] = userId.split(":");
  const startLink = (await messengers[type]?.load())?.setUp.startLink;
  if (startLink === undefined) return [];
  const [bots, groups] = await withOwnersRights(place.dataDir, () =>
    Promise.all([messengerBots.read(place.dataDir), groupsOf(place, userId)]),
  );
  const own = bots.ok ? bots.value.filter((bot) => bot.type === type) : [];
  const now = new Date().toISOString();
  return groups
    .filter(({ id, name, folder }) => named === undefined || [id, name, folder].includes(named))
    .flatMap(({ id: groupId, name: group }) =>
      own.map((bot) => ({
        bot: bot.username,
        group,
        link: startLink.linkOf(bot.username, startCode(bot, { userId, groupId, now })),
        how: startLink.how,
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
