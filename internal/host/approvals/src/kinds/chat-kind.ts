import type { Kysely } from "kysely";
import { fail, ok, visible } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { addChatDestination, forgetRefusal, refused } from "@gatehouse/command-context";
import { wirableGroups } from "../wirable-groups.ts";
import { admitSender } from "./admit-sender.ts";
import type { AnswerDeps, ApprovalKind } from "./approval-kind.ts";

/**
 * A message mentions the bot in a chat that no group answers in. An approval wires the chosen group to the
 * chat and makes the sender a member of it. After a refusal the host does not ask about the chat again.
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
  run: async (db, { approval_id: id, answered_by: by }, deps) => {
    const held = await db
      .selectFrom("held_messages")
      .innerJoin("messaging_groups", "messaging_groups.id", "held_messages.messaging_group_id")
      .select(["user_id", "sender_name", "messaging_group_id", "is_group", "channel_type"])
      .select("unknown_sender_policy")
      .where("approval_id", "=", id)
      .executeTakeFirst();
    const groupId = deps.group;
    if (held === undefined || groupId === null) return { id, ...chatGone };
    const { user_id, messaging_group_id } = held;
    const wiring = { agent_group_id: groupId, messaging_group_id, created_at: deps.at };
    const isOpen = held.unknown_sender_policy === "public" && (await mayUseAll(db, groupId));
    const chat = { isGroup: held.is_group === 1, senders: isOpen ? "known" : "all" } as const;
    await wire(db, wiring, chat, deps);
    await forgetRefusal(db, messaging_group_id);
    const destination = await addChatDestination(db, wiring);
    await admitSender(db, { userId: user_id, userName: held.sender_name, groupId, by, at: deps.at });
    if (held.is_group === 0) await noteDirectChat(db, held, deps.at);
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

/** Maximum number of groups that a refusal lists. */
const mostNamed = 20;

const chatGone = fail({ code: "not-found", message: "The chat no longer exists." } as const);

type Wiring = Parameters<typeof addChatDestination>[1];

/** True if the agent of a group may use all of ncl: a person who writes to it can change roles, people and groups. */
const mayUseAll = async (db: Kysely<CentralTables>, groupId: string): Promise<boolean> => {
  const config = await db
    .selectFrom("container_configs")
    .select("cli_scope")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  return config?.cli_scope === "global";
};

type NewChat = {
  readonly isGroup: boolean;
  /** The senders that may write: only known people, if the chat's agent may use all of ncl. */
  readonly senders: "all" | "known";
};

/** Wires as `wirings create` does. Keeps a wiring of this pair that was made since the question. */
const wire = async (
  db: Kysely<CentralTables>,
  wiring: Wiring,
  { isGroup, senders }: NewChat,
  { id }: AnswerDeps,
): Promise<void> => {
  const engaged = isGroup
    ? { engage_mode: "mention", engage_pattern: null }
    : { engage_mode: "pattern", engage_pattern: "." };
  const usual = {
    sender_scope: senders,
    ignored_message_policy: "drop",
    session_mode: "shared",
    priority: 0,
  };
  await db
    .insertInto("messaging_group_agents")
    .values({ id: id("wi"), ...wiring, ...engaged, ...usual })
    .onConflict((there) => there.doNothing())
    .execute();
};

type Held = { readonly user_id: string; readonly channel_type: string; readonly messaging_group_id: string };

/** Makes this chat the person's direct chat, unless the person already has one on the channel. */
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
