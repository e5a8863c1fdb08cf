import type { Kysely } from "kysely";
import type { CommandError, ResponseFrame } from "@nc/cli-scope";
import { fail, ok, visible, type Result } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { addChatDestination, forgetRefusal, refused, type ClockAndIds } from "@gatehouse/command-context";
import { parsedArgs, type Pending } from "./approval-row.ts";
import { wirableGroups } from "./hold-message.ts";

type Database = Kysely<CentralTables>;

/** Makes a stranger a member of the group to which the stranger wrote. */
export const admitStranger = async (
  db: Database,
  { approval_id: id, args, answered_by: by, sender_name: userName }: Pending,
  { at }: { readonly at: string },
): Promise<ResponseFrame> => {
  const { user, group } = parsedArgs(args);
  const [userId, groupId] = [String(user), String(group)];
  await admitSender(db, { userId, userName, groupId, by, at });
  return { id, ok: true, data: { user_id: userId, agent_group_id: groupId } };
};

/** Stores that a group gets no message of this person in this chat, so that the host does not ask again. */
export const refuseStranger = async (
  db: Database,
  { args, answered_by, sender_id: user_id, messaging_group_id }: Pending,
  at: string,
): Promise<void> => {
  if (user_id === null || messaging_group_id === null) return;
  const agent_group_id = String(parsedArgs(args)["group"]);
  await db
    .insertInto("refused_senders")
    .values({
      user_id,
      messaging_group_id,
      agent_group_id,
      refused_by: answered_by ?? "host",
      refused_at: at,
    })
    .onConflict((there) => there.doNothing())
    .execute();
};

/** The group that an answer about a chat chooses; `named` is its `--group`. */
export const chosenGroup = async (
  db: Database,
  named: string | undefined,
): Promise<Result<string, CommandError>> => {
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
};

/** Wires the chosen group to the chat, and makes the sender a member of it. */
export const wireChat = async (
  db: Database,
  { approval_id: id, answered_by: by, sender_id: user_id, sender_name: userName, ...about }: Pending,
  made: Pick<ClockAndIds, "id"> & { readonly at: string; readonly group: string | null },
): Promise<ResponseFrame> => {
  const chat = await db
    .selectFrom("messaging_groups")
    .select(["id", "is_group", "channel_type", "unknown_sender_policy"])
    .where("id", "=", about.messaging_group_id)
    .executeTakeFirst();
  const groupId = made.group;
  if (chat === undefined || user_id === null || groupId === null) return { id, ...chatGone };
  const messaging_group_id = chat.id;
  const wiring = { agent_group_id: groupId, messaging_group_id, created_at: made.at };
  const isOpen = chat.unknown_sender_policy === "public" && (await mayUseAll(db, groupId));
  await wire(db, wiring, { isGroup: chat.is_group === 1, senders: isOpen ? "known" : "all" }, made);
  await forgetRefusal(db, messaging_group_id);
  const destination = await addChatDestination(db, wiring);
  await admitSender(db, { userId: user_id, userName, groupId, by, at: made.at });
  if (chat.is_group === 0) await noteDirectChat(db, { ...chat, user_id, messaging_group_id }, made.at);
  return { id, ok: true, data: { messaging_group_id, agent_group_id: groupId, destination, user_id } };
};

/** Stores that the host does not ask about this chat again. */
export const refuseChat = async (
  db: Database,
  { messaging_group_id, answered_by }: Pending,
  at: string,
): Promise<void> => {
  await db
    .updateTable("messaging_groups")
    .set({ refused_at: at, refused_by: answered_by ?? "host" })
    .where("id", "=", messaging_group_id)
    .execute();
};

/** Maximum number of groups that a refusal lists. */
const mostNamed = 20;

const chatGone = fail({ code: "not-found", message: "The chat no longer exists." } as const);

/** True if the agent of a group may use all of ncl: a person who writes to it can change roles, people and groups. */
const mayUseAll = async (db: Database, groupId: string): Promise<boolean> => {
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

/** Wires as `wirings create` does. Keeps a wiring of this pair that was made after the question. */
const wire = async (
  db: Database,
  wiring: Parameters<typeof addChatDestination>[1],
  { isGroup, senders }: NewChat,
  { id }: Pick<ClockAndIds, "id">,
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

/** Makes this chat the person's direct chat, unless the person already has one on the channel. */
const noteDirectChat = async (
  db: Database,
  {
    user_id,
    channel_type,
    messaging_group_id,
  }: Pick<CentralTables["user_dms"], "user_id" | "channel_type" | "messaging_group_id">,
  resolved_at: string,
): Promise<void> => {
  await db
    .insertInto("user_dms")
    .values({ user_id, channel_type, messaging_group_id, resolved_at })
    .onConflict((there) => there.doNothing())
    .execute();
};

/** The sender of a message, and the group to which the sender may write from now on. */
type Admitted = {
  readonly userId: string;
  readonly userName: string | null;
  readonly groupId: string;
  /** The person who answered, in the form of `answered_by`. */
  readonly by: string | null;
  readonly at: string;
};

/** Makes a person a member of a group. Adds a row of `users` for a person who has none. */
const admitSender = async (db: Database, { userId, userName, groupId, by, at }: Admitted): Promise<void> => {
  const kind = userId.slice(0, Math.max(0, userId.indexOf(":")));
  await db
    .insertInto("users")
    .values({ id: userId, kind, display_name: userName, created_at: at })
    .onConflict((there) => there.doNothing())
    .execute();
  await db
    .insertInto("agent_group_members")
    .values({ user_id: userId, agent_group_id: groupId, added_by: personIn(by), added_at: at })
    .onConflict((there) => there.doNothing())
    .execute();
};

/** The user id in `answered_by`; null for the operator at the socket, who is not a user. */
const personIn = (answeredBy: string | null): string | null =>
  answeredBy?.startsWith("user:") === true ? answeredBy.slice("user:".length) : null;
