import type { Kysely } from "kysely";
import type { Signature } from "@nc/cli-scope";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import { askedPerson } from "../questions/asked-person.ts";
import { answering } from "./approvers.ts";
import { concernedBy } from "./concerned-groups.ts";

/** A person who may answer an approval, and the direct chat in which they can be asked. */
export type Approver = {
  readonly userId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly instance: string;
  /** The thread in which the person has asked; otherwise the question goes to the chat itself. */
  readonly threadId?: string | null;
};

type Asked = Parameters<typeof concernedBy>[1] & Pick<ApprovalRow, "approval_id" | "session_id">;

/**
 * The people who get the question. A question of an agent goes only to the person whose message it is about, in the
 * chat of that message. Otherwise: all people who may answer and have a direct chat, each once. People with a direct chat on the channel of
 * the session, or of the chat in question, come first. Within both parts: admins of a group, then admins of
 * all groups, then owners. `commands` are all commands, since their flags say which groups a command
 * concerns.
 */
export const approversOf = async (
  db: Kysely<CentralTables>,
  approval: Asked,
  commands: readonly Signature[],
): Promise<readonly Approver[]> => {
  const person = await askedPerson(db, approval.approval_id);
  if (person !== null) return [person];
  const concerned = await concernedBy(db, approval, commands);
  const roles = await answering(db, concerned)
    .select(["role", "agent_group_id", "granted_at"])
    .orderBy("granted_at")
    .orderBy("user_id")
    .execute();
  const channel = await channelOf(db, approval);
  const people = [0, 1, 2].flatMap((place) => roles.filter((role) => placeOf(role) === place));
  const userIds = [...new Set(people.map(({ user_id: id }) => id))];
  const chats = await directChats(db, userIds);
  const reached = userIds.flatMap((userId) => {
    const own = chats.filter((chat) => chat.userId === userId);
    return own.find(({ channelType }) => channelType === channel) ?? own[0] ?? [];
  });
  const isThere = ({ channelType }: Approver): boolean => channelType === channel;
  return [...reached.filter(isThere), ...reached.filter((approver) => !isThere(approver))];
};

type Role = { readonly role: string; readonly agent_group_id: string | null };

const placeOf = ({ role, agent_group_id: group }: Role): number => {
  if (group !== null) return 0;
  return role === "admin" ? 1 : 2;
};

/** The channel of the session or of the chat in question. Null for a session that serves several chats. */
const channelOf = async (
  db: Kysely<CentralTables>,
  { approval_id: id, session_id: sessionId }: Pick<Asked, "approval_id" | "session_id">,
): Promise<string | null> => {
  const chats = db.selectFrom("messaging_groups").select("channel_type");
  const chat = await (
    sessionId === null
      ? chats
          .innerJoin("held_messages", "held_messages.messaging_group_id", "messaging_groups.id")
          .where("approval_id", "=", id)
      : chats
          .innerJoin("sessions", "sessions.messaging_group_id", "messaging_groups.id")
          .where("sessions.id", "=", sessionId)
  ).executeTakeFirst();
  return chat?.channel_type ?? null;
};

/** The direct chats of people, the newest first. A person may have one on each channel. */
export const directChats = async (
  db: Kysely<CentralTables>,
  userIds: readonly string[],
): Promise<readonly Approver[]> => {
  if (userIds.length === 0) return [];
  return db
    .selectFrom("user_dms")
    .innerJoin("messaging_groups", "messaging_groups.id", "user_dms.messaging_group_id")
    .select([
      "user_dms.user_id as userId",
      "user_dms.channel_type as channelType",
      "messaging_groups.platform_id as platformId",
      "messaging_groups.instance",
    ])
    .where("user_dms.user_id", "in", userIds)
    .orderBy("user_dms.resolved_at", "desc")
    .orderBy("user_dms.channel_type")
    .execute();
};
