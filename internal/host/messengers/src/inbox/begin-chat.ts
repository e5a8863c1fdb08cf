import { isStartCode } from "@gatehouse/data-folder";
import { wireChat } from "@gatehouse/group-setup";
import type { MessengerHost, UsedBot } from "../used-bot.ts";
import type { PlacedMessage } from "./groups.ts";

type Message = PlacedMessage["message"];

/** A bot, and the database of chats. */
type BeginDeps = Pick<MessengerHost, "db" | "now" | "id"> & Pick<UsedBot, "bot">;

/**
 * The host's answer to a person who begins a direct chat, a sentence. With the code of their link the chat is wired to the
 * group of the link, once. Null for any other message, and for a chat that no group answers in: an owner is asked about it.
 */
export const beginChat = async (
  deps: BeginDeps,
  { message, begins }: PlacedMessage,
): Promise<string | null> => {
  if (begins === undefined) return null;
  const wired = await groupsIn(deps, message);
  if (wired.length > 0) return helloText(wired);
  const { code } = begins;
  if (code === null) return null;
  const group = await deps.db
    .transaction()
    .execute((transaction) => useLink({ ...deps, db: transaction }, message, code));
  return group === null ? voidText : helloText([group]);
};

const voidText =
  "This link is for another account or another bot, was used before, or is older than a day. Ask for a new one.";

/** Wires the chat to the group of the link, and ends all links that were made for it until now. Null for a void link. */
const useLink = async (deps: BeginDeps, message: Message, code: string): Promise<Group | null> => {
  const { db, now, id } = deps;
  const { userId, channelType: kind, platformId, instance } = message;
  const chats = db
    .selectFrom("messenger_chats")
    .select("linked_at")
    .where((eb) => eb.and({ type: kind, bot: instance, chat: platformId }));
  const usedAt = (await chats.executeTakeFirst())?.linked_at ?? null;
  const group = await linkedGroup(deps, { userId, code, usedAt });
  if (group === null) return null;
  await wireChat(db, { userId, kind, platformId, instance, groupId: group.id }, { now, id });
  await db
    .updateTable("messenger_chats")
    .set({ linked_at: now() })
    .where((eb) => eb.and({ type: kind, bot: instance, chat: platformId }))
    .execute();
  return group;
};

type Group = { readonly id: string; readonly name: string };

const helloText = (groups: readonly Pick<Group, "name">[]): string =>
  `Hello. What you write here goes to ${groups.map(({ name }) => name).join(" and ")}.`;

const groupsIn = ({ db }: BeginDeps, { channelType, platformId, instance }: Message) =>
  db
    .selectFrom("messaging_groups")
    .innerJoin("messaging_group_agents", "messaging_group_agents.messaging_group_id", "messaging_groups.id")
    .innerJoin("agent_groups", "agent_groups.id", "messaging_group_agents.agent_group_id")
    .select(["agent_groups.id", "agent_groups.name"])
    .where((eb) => eb.and({ channel_type: channelType, platform_id: platformId, instance }))
    .orderBy("agent_groups.name")
    .execute();

/** The group of a link: one in which the person is a member still. */
const linkedGroup = async (
  { db, now, bot }: BeginDeps,
  {
    userId,
    code,
    usedAt,
  }: { readonly userId: string; readonly code: string; readonly usedAt: string | null },
): Promise<Group | null> => {
  const groups = await db
    .selectFrom("agent_group_members")
    .innerJoin("agent_groups", "agent_groups.id", "agent_group_members.agent_group_id")
    .select(["agent_groups.id", "agent_groups.name"])
    .where("user_id", "=", userId)
    .where("user_id", "not in", (eb) => eb.selectFrom("refused_people").select("user_id"))
    .execute();
  const of = { userId, now: now(), usedAt };
  return groups.find(({ id: groupId }) => isStartCode(bot, { ...of, groupId }, code)) ?? null;
};
