import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { hasApprover } from "./approvers/approvers.ts";
import { isFull } from "./hold.ts";
import { keepHeld, linesOfText, waitingIn, type HeldText } from "./keep-held.ts";
import { wirableGroups } from "./wirable-groups.ts";

/** A message to the bot in a chat that no group answers in. The chat may have no row yet. */
export type UnwiredMessage = HeldText & {
  readonly channelType: string;
  readonly platformId: string;
  readonly instance: string;
  readonly isDirect: boolean;
};

/** Why the host does not ask about a chat. */
export type ChatNotHeld =
  /** An earlier question about this chat is still pending. */
  | "chat-waits"
  /** A person refused agents in this chat. */
  | "chat-refused"
  /** There is no group, no person who may answer, or too many chats are pending. */
  | "not-wired"
  /** The message is too long for a person to read in a question. */
  | "too-long";

/**
 * Stores a message until a person answers which group, if any, is to answer in its chat; one message per
 * chat. Idempotent: the same message again is `held`. `wired`: a group already answers in the chat.
 */
export const holdChat = (
  db: Kysely<CentralTables>,
  asked: UnwiredMessage,
  clock: ClockAndIds,
): Promise<"held" | "wired" | ChatNotHeld> =>
  db.transaction().execute((transaction) => holdIn(transaction, asked, clock));

const holdIn = async (
  db: Kysely<CentralTables>,
  asked: UnwiredMessage,
  clock: ClockAndIds,
): Promise<"held" | "wired" | ChatNotHeld> => {
  const [group] = await wirableGroups(db, 1);
  if (group === undefined || !(await hasApprover(db, "all"))) return "not-wired";
  const chat = await chatOf(db, asked, clock);
  const waiting = await waitingIn(db, { kind: "chat", chatId: chat.id }, clock.now());
  if (waiting !== undefined) return waiting.message_id === asked.messageId ? "held" : "chat-waits";
  if (await isWired(db, chat.id)) return "wired";
  if (chat.refused_at !== null) return "chat-refused";
  if (await isFull(db, null)) return "not-wired";
  const args = { chat: chat.id, user: asked.userId };
  const name = chat.name ?? `${asked.channelType} ${asked.platformId}`;
  const consequence = linesOf(asked, name);
  const question = { kind: "chat", command: "wirings create", args, scope: "global", consequence } as const;
  return keepHeld(db, asked, { ...question, chatId: chat.id, of: null }, clock);
};

type Chat = { readonly id: string; readonly name: string | null; readonly refused_at: string | null };

/** Finds or makes the chat. The update locks its row, so that another host that asks about it waits. */
const chatOf = async (
  db: Kysely<CentralTables>,
  { channelType, platformId, instance, isDirect }: UnwiredMessage,
  clock: ClockAndIds,
): Promise<Chat> => {
  const place = { channel_type: channelType, platform_id: platformId, instance };
  await db
    .insertInto("messaging_groups")
    .values({
      ...place,
      ...{ id: clock.id("mg"), name: null, is_group: isDirect ? 0 : 1, created_at: clock.now() },
      // The host also asks about other unknown people who mention the bot in this chat.
      unknown_sender_policy: "request_approval",
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return db
    .updateTable("messaging_groups")
    .set(({ ref }) => ({ refused_at: ref("refused_at") }))
    .where("channel_type", "=", channelType)
    .where("platform_id", "=", platformId)
    .where("instance", "=", instance)
    .returning(["id", "name", "refused_at"])
    .executeTakeFirstOrThrow();
};

const isWired = async (db: Kysely<CentralTables>, chatId: string): Promise<boolean> => {
  const wiring = db
    .selectFrom("messaging_group_agents")
    .select("id")
    .where("messaging_group_id", "=", chatId);
  return (await wiring.executeTakeFirst()) !== undefined;
};

const linesOf = (asked: UnwiredMessage, name: string): readonly string[] => [
  ...linesOfText(asked, name),
  `Approved, the group answers in this chat ${asked.isDirect ? "to every message" : "where it is named"}, ` +
    `${asked.userId} is a member of it, and the message is passed on.`,
  "If you reject, the host drops messages of this chat and asks nobody again.",
];
