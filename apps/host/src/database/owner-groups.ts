import type { Kysely } from "kysely";
import type { CentralTables } from "./tables.ts";

/** A chat that is wired to an agent group. */
export type WiredChat = {
  readonly groupId: string;
  readonly chatId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly isGroup: boolean;
};

/** What tells whose a group is. */
export type OwnerFacts = {
  /** Who holds the role `owner`: of one group, or of all (null). */
  readonly owners: readonly { readonly userId: string; readonly groupId: string | null }[];
  readonly chats: readonly WiredChat[];
  /** Whose a direct-message chat is, as far as it was ever asked. */
  readonly dms: readonly { readonly userId: string; readonly chatId: string }[];
};

/** Whether a group is an owner's, and why it is taken for that, or not. */
export type OwnerVerdict = { readonly isOwners: boolean; readonly why: string };

export const readOwnerFacts = async (db: Kysely<CentralTables>): Promise<OwnerFacts> => {
  const owners = db
    .selectFrom("user_roles")
    .select(["user_id as userId", "agent_group_id as groupId"])
    .where("role", "=", "owner");
  const chats = db
    .selectFrom("messaging_group_agents as wiring")
    .innerJoin("messaging_groups as chat", "chat.id", "wiring.messaging_group_id")
    .select([
      "wiring.agent_group_id as groupId",
      "chat.id as chatId",
      "chat.channel_type as channelType",
      "chat.platform_id as platformId",
      "chat.is_group as isGroup",
    ]);
  const dms = db.selectFrom("user_dms").select(["user_id as userId", "messaging_group_id as chatId"]);
  return {
    owners: await owners.execute(),
    chats: (await chats.execute()).map((chat) => ({ ...chat, isGroup: chat.isGroup !== 0 })),
    dms: await dms.execute(),
  };
};

/**
 * Whether a group is an owner's: the only one that an owner's direct messages go to. In doubt it is not, and the sentence says
 * what the doubt is.
 */
export const ownerVerdict = (groupId: string, facts: OwnerFacts): OwnerVerdict => {
  const { owners, chats } = facts;
  if (owners.length === 0) return { isOwners: false, why: "nobody holds the role owner" };
  const direct = chats.filter((chat) => chat.groupId === groupId && !chat.isGroup);
  const held = owners.filter((owner) => owner.groupId === null || owner.groupId === groupId);
  for (const { userId } of held) {
    const chat = direct.find((one) => peopleOf(one, facts).includes(userId));
    if (chat === undefined) continue;
    const people = peopleOf(chat, facts);
    if (people.length > 1)
      return { isOwners: false, why: `the direct chat ${chat.chatId} is that of ${people.join(" and ")}` };
    const reached = groupsOf(userId, facts);
    if (reached.length > 1)
      return { isOwners: false, why: `the owner ${userId} writes to ${reached.length} groups directly` };
    return { isOwners: true, why: `the direct messages of the owner ${userId} go to it` };
  }
  return { isOwners: false, why: "no direct messages of an owner go to it" };
};

/** Whose a direct chat is: whom it was found for, and whom its platform id names. */
const peopleOf = (
  { chatId, channelType, platformId }: WiredChat,
  { owners, dms }: OwnerFacts,
): readonly string[] => {
  const found = dms.filter((dm) => dm.chatId === chatId).map(({ userId }) => userId);
  const handle = platformId.startsWith(`${channelType}:`) ? platformId : `${channelType}:${platformId}`;
  const named = owners.filter(({ userId }) => userId === handle).map(({ userId }) => userId);
  return [...new Set([...found, ...named])];
};

const groupsOf = (userId: string, facts: OwnerFacts): readonly string[] => {
  const direct = facts.chats.filter((chat) => !chat.isGroup && peopleOf(chat, facts).includes(userId));
  return [...new Set(direct.map(({ groupId }) => groupId))];
};
