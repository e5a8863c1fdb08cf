import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { isStartCode, type MessengerBot } from "@gatehouse/data-folder";
import { wireDirectChat } from "@gatehouse/group-setup";
import type { ReadUpdate } from "../messenger.ts";

type ReadMessage = Extract<ReadUpdate, { readonly type: "message" }>["message"];

export type BeginDeps = {
  readonly db: Kysely<CentralTables>;
  readonly now: () => string;
  readonly id: (prefix: string) => string;
  readonly bot: MessengerBot;
};

/**
 * The host's answer to a person who presses Start, a sentence. With the code of their link their direct chat is wired to the
 * group of the link, once. Null for any other message, and for a chat that no group answers in: an owner is asked about it.
 */
export const beginChat = async (deps: BeginDeps, message: ReadMessage): Promise<string | null> => {
  const [isStart, code] = /^\/start(?: (\S{1,64}))?$/.exec(message.text) ?? [];
  if (isStart === undefined || !message.isDirect || message.edits !== undefined) return null;
  const wired = await groupsIn(deps, message);
  if (wired.length > 0) return helloText(wired);
  if (code === undefined) return null;
  const group = await linkedGroup(deps, message.userId, code);
  if (group === null) return "This link is for another account, or is older than a day. Ask for a new one.";
  const { userId, channelType: kind, platformId } = message;
  const clock = { now: deps.now, id: deps.id };
  const chat = { userId, kind, platformId, further: platformId, groupId: group.id };
  await wireDirectChat(deps.db, clock, chat);
  return helloText([group]);
};

const helloText = (groups: readonly { readonly name: string }[]): string =>
  `Hello. What you write here goes to ${groups.map(({ name }) => name).join(" and ")}.`;

const groupsIn = ({ db }: BeginDeps, { channelType, platformId, instance }: ReadMessage) =>
  db
    .selectFrom("messaging_groups")
    .innerJoin("messaging_group_agents", "messaging_group_agents.messaging_group_id", "messaging_groups.id")
    .innerJoin("agent_groups", "agent_groups.id", "messaging_group_agents.agent_group_id")
    .select(["agent_groups.id", "agent_groups.name"])
    .where("channel_type", "=", channelType)
    .where("platform_id", "=", platformId)
    .where("instance", "=", instance)
    .orderBy("agent_groups.name")
    .execute();

/** The group of a link: one in which the person is a member still. */
const linkedGroup = async (
  { db, now, bot }: BeginDeps,
  userId: string,
  code: string,
): Promise<{ readonly id: string; readonly name: string } | null> => {
  const groups = await db
    .selectFrom("agent_group_members")
    .innerJoin("agent_groups", "agent_groups.id", "agent_group_members.agent_group_id")
    .select(["agent_groups.id", "agent_groups.name"])
    .where("user_id", "=", userId)
    .where("user_id", "not in", (eb) => eb.selectFrom("refused_people").select("user_id"))
    .execute();
  return groups.find(({ id: groupId }) => isStartCode(bot, { userId, groupId, now: now() }, code)) ?? null;
};
