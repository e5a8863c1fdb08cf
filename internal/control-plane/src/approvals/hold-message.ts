import type { Kysely } from "kysely";
import { canonicalText } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { hasApprover } from "./approvers.ts";
import { digestOf } from "./digest.ts";
import { isFull, longest, patience } from "./hold.ts";

/** A stranger's message to a group. */
export type StrangersMessage = {
  /** The channel's id. */
  readonly messageId: string;
  readonly userId: string;
  readonly userName: string | null;
  /** The chat's id, and its name for a person. */
  readonly chatId: string;
  readonly chatName: string;
  readonly groupId: string;
  readonly groupName: string;
  /** The session that gets the message. */
  readonly sessionId: string;
  readonly text: string;
  /** The whole message, as JSON. */
  readonly message: string;
};

/** Why a message is not held. */
export type NotHeld =
  /** An earlier message of the same person in the same chat waits already. */
  | "sender-waits"
  /** Nobody may answer, or too many questions of the group wait. */
  | "nobody-asked"
  /** A person has to read it. */
  | "too-long";

/**
 * Keeps a stranger's message until a person says whether they may write: one for each stranger and chat. Held
 * again, it is known. The approvers are asked by cards, like those of any other approval.
 */
export const holdMessage = (
  db: Kysely<CentralTables>,
  asked: StrangersMessage,
  clock: ClockAndIds,
): Promise<"held" | NotHeld> => db.transaction().execute((transaction) => holdIn(transaction, asked, clock));

const holdIn = async (
  db: Kysely<CentralTables>,
  asked: StrangersMessage,
  clock: ClockAndIds,
): Promise<"held" | NotHeld> => {
  const now = clock.now();
  const waiting = await waitingOf(db, asked, now);
  if (waiting !== undefined) return waiting.message_id === asked.messageId ? "held" : "sender-waits";
  const { groupId, messageId, sessionId, userId } = asked;
  if (!(await hasApprover(db, [groupId])) || (await isFull(db, groupId))) return "nobody-asked";
  const consequence = JSON.stringify(linesOf(asked));
  if (consequence.length > longest) return "too-long";
  const approval_id = clock.id("ap");
  const expiresAt = new Date(Date.parse(now) + patience).toISOString();
  const args = { user: userId, group: groupId };
  const canonical = canonicalText(command, args);
  const bound = { canonical, consequence, actor: { groupId, sessionId }, scope: "group", expiresAt };
  await db
    .insertInto("pending_approvals")
    .values({
      ...{ approval_id, session_id: sessionId, kind: "sender", agent_group_id: groupId, scope: "group" },
      ...{ command, args: JSON.stringify(args), shown: JSON.stringify(args), consequence },
      ...{ digest: digestOf(bound), status: "pending", created_at: now, expires_at: expiresAt },
    })
    .execute();
  await db
    .insertInto("held_messages")
    .values({
      ...{ approval_id, message_id: messageId, user_id: userId, sender_name: asked.userName },
      ...{ messaging_group_id: asked.chatId, message: asked.message, ended_at: null },
    })
    .execute();
  return "held";
};

/** What approving it does, in the words of `ncl`. */
const command = "members add";

const waitingOf = (
  db: Kysely<CentralTables>,
  { userId, chatId }: StrangersMessage,
  now: string,
): Promise<{ readonly message_id: string } | undefined> =>
  db
    .selectFrom("held_messages")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "held_messages.approval_id")
    .select("message_id")
    .where("messaging_group_id", "=", chatId)
    .where("user_id", "=", userId)
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .executeTakeFirst();

/** What a person reads. The message's own lines are marked: it cannot pass for what the host says. */
const linesOf = ({ userId, userName, chatName, groupName, text }: StrangersMessage): readonly string[] => [
  `From: ${userName === null ? userId : `${JSON.stringify(userName)} (${userId})`}, in the chat ${chatName}.`,
  ...text.split("\n").map((line) => `> ${line}`),
  `Approved, ${userId} is a member of ${groupName}, and the message is passed on.`,
  `Rejected, no message of ${userId} in this chat is passed on, and nobody is asked again.`,
];
