import type { Kysely } from "kysely";
import { canonicalText, type Args } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { digestOf } from "./digest.ts";
import { longest, patience } from "./hold.ts";

/** A message that waits for a person's answer. */
export type HeldText = {
  /** The id of the message on its channel. */
  readonly messageId: string;
  readonly userId: string;
  readonly userName: string | null;
  readonly text: string;
  /** The whole message, as JSON. */
  readonly message: string;
};

/** The question to a person about the message. */
type Question = {
  readonly kind: "sender" | "chat";
  /** The effect of an approval, in the words of `ncl`. */
  readonly command: string;
  readonly args: Args;
  readonly scope: "group" | "global";
  readonly chatId: string;
  /** Null for a chat that no group answers in. */
  readonly of: { readonly groupId: string; readonly sessionId: string } | null;
  readonly consequence: readonly string[];
};

/** Writes the message and the question about it. */
export const keepHeld = async (
  db: Kysely<CentralTables>,
  { messageId, userId, userName, message }: HeldText,
  question: Question,
  clock: ClockAndIds,
): Promise<"held" | "too-long"> => {
  const { kind, command, args, scope, of, chatId } = question;
  const consequence = JSON.stringify(question.consequence);
  if (consequence.length > longest) return "too-long";
  const created_at = clock.now();
  const expiresAt = new Date(Date.parse(created_at) + patience).toISOString();
  const approval_id = clock.id("ap");
  const actor = of ?? { groupId: "", sessionId: "" };
  const canonical = canonicalText(command, args);
  await db
    .insertInto("pending_approvals")
    .values({
      ...{ approval_id, session_id: of?.sessionId ?? null, agent_group_id: of?.groupId ?? null, kind, scope },
      ...{ command, args: JSON.stringify(args), shown: JSON.stringify(args), consequence },
      ...{ digest: digestOf({ canonical, consequence, actor, scope, expiresAt }), status: "pending" },
      ...{ created_at, expires_at: expiresAt },
    })
    .execute();
  await db
    .insertInto("held_messages")
    .values({
      ...{ approval_id, message_id: messageId, user_id: userId, sender_name: userName },
      ...{ messaging_group_id: chatId, message, ended_at: null },
    })
    .execute();
  return "held";
};

/**
 * A message of the chat that waits for an answer to this kind of question; with `userId`, only of this user.
 */
export const waitingIn = (
  db: Kysely<CentralTables>,
  { kind, chatId, userId }: Pick<Question, "kind" | "chatId"> & { readonly userId?: string },
  now: string,
): Promise<{ readonly message_id: string } | undefined> =>
  db
    .selectFrom("held_messages")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "held_messages.approval_id")
    .select("message_id")
    .where("messaging_group_id", "=", chatId)
    .$if(userId !== undefined, (query) => query.where("user_id", "=", userId ?? ""))
    .where("kind", "=", kind)
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .executeTakeFirst();

/**
 * The message as an approver reads it. Its lines start with `>`, so that they cannot pass for lines of the
 * host.
 */
export const linesOfText = ({ userId, userName, text }: HeldText, chatName: string): readonly string[] => [
  `From: ${userName === null ? userId : `${JSON.stringify(userName)} (${userId})`}, in the chat ${chatName}.`,
  ...text.split("\n").map((line) => `> ${line}`),
];
