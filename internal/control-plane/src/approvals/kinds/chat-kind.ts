import type { Kysely } from "kysely";
import { fail, ok, visible } from "@gatehouse/std";
import type { CentralTables } from "../../database/tables.ts";
import { addChatDestination, forgetRefusal } from "../../world/group-destinations.ts";
import { refused } from "../../world/reply.ts";
import { wirableGroups } from "../wirable-groups.ts";
import { admitSender } from "./admit-sender.ts";
import type { AnswerGround, ApprovalKind } from "./approval-kind.ts";

/**
 * Somebody named the bot in a chat that no group answers in. Approved, the chosen group answers there, and
 * whoever wrote is a member of it; refused, nobody is asked about the chat again.
 */
export const chatKind: ApprovalKind = {
  isOfAgent: false,
  choose: async (db, named) => {
    const groups = await wirableGroups(db, mostNamed);
    if (named === undefined) {
      const [only, ...others] = groups;
      if (only !== undefined && others.length === 0) return ok(only.id);
      const list = groups.map(({ id, name }) => `${id} (${visible(name)})`).join(", ");
      return refused("invalid-args", `Say with --group which group is to answer in this chat: ${list}.`);
    }
    const found = await db.selectFrom("agent_groups").select("id").where("id", "=", named).executeTakeFirst();
    return found === undefined
      ? refused("not-found", `There is no agent group "${named}" (--group): ncl groups list`)
      : ok(found.id);
  },
  run: async (db, { approval_id: id, answered_by: by }, ground) => {
    const held = await db
      .selectFrom("held_messages")
      .innerJoin("messaging_groups", "messaging_groups.id", "held_messages.messaging_group_id")
      .select(["user_id", "sender_name", "messaging_group_id", "is_group", "channel_type"])
      .where("approval_id", "=", id)
      .executeTakeFirst();
    const groupId = ground.group;
    if (held === undefined || groupId === null) return { id, ...chatGone };
    const { user_id, messaging_group_id } = held;
    const wiring = { agent_group_id: groupId, messaging_group_id, created_at: ground.at };
    await wire(db, wiring, held.is_group === 1, ground);
    await forgetRefusal(db, messaging_group_id);
    const destination = await addChatDestination(db, wiring);
    await admitSender(db, { userId: user_id, userName: held.sender_name, groupId, by, at: ground.at });
    if (held.is_group === 0) await noteDirectChat(db, held, ground.at);
    return { id, ok: true, data: { messaging_group_id, agent_group_id: groupId, destination, user_id } };
  },
  refuse: async (db, { approval_id, answered_by }, at) => {
    await db
      .updateTable("messaging_groups")
      .set({ refused_at: at, refused_by: answered_by ?? "host" })
      .where("id", "in", (eb) =>
        eb.selectFrom("held_messages").select("messaging_group_id").where("approval_id", "=", approval_id),
      )
      .execute();
  },
};

/** Groups that a refusal names. */
const mostNamed = 20;

const chatGone = fail({ code: "not-found", message: "The chat no longer exists." } as const);

type Wiring = Parameters<typeof addChatDestination>[1];

/** As `wirings create` would. Somebody may have wired the pair meanwhile. */
const wire = async (
  db: Kysely<CentralTables>,
  wiring: Wiring,
  isGroup: boolean,
  { id }: AnswerGround,
): Promise<void> => {
  const engaged = isGroup
    ? { engage_mode: "mention", engage_pattern: null }
    : { engage_mode: "pattern", engage_pattern: "." };
  const usual = { sender_scope: "all", ignored_message_policy: "drop", session_mode: "shared", priority: 0 };
  await db
    .insertInto("messaging_group_agents")
    .values({ id: id("wi"), ...wiring, ...engaged, ...usual })
    .onConflict((there) => there.doNothing())
    .execute();
};

type Held = { readonly user_id: string; readonly channel_type: string; readonly messaging_group_id: string };

/** The host writes to the person there, unless it knows another direct chat of theirs on the channel. */
const noteDirectChat = async (
  db: Kysely<CentralTables>,
  { user_id, channel_type, messaging_group_id }: Held,
  resolved_at: string,
): Promise<void> => {
  await db
    .insertInto("user_dms")
    .values({ user_id, channel_type, messaging_group_id, resolved_at })
    .onConflict((there) => there.doNothing())
    .execute();
};
