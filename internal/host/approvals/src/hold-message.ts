import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { hasApprover } from "./approvers/approvers.ts";
import { isFull } from "./hold.ts";
import { keepHeld, linesOfText, waitingIn, type HeldText } from "./keep-held.ts";

/** A stranger's message to a group. */
export type StrangersMessage = HeldText & {
  /** The chat's id, and its name to show. */
  readonly chatId: string;
  readonly chatName: string;
  readonly groupId: string;
  readonly groupName: string;
  /** The session that gets the message after an approval. */
  readonly sessionId: string;
};

/** Why a message is not held. */
export type NotHeld =
  /** An earlier message of the same person in the same chat is pending. */
  | "sender-waits"
  /** No person may answer, or too many questions of the group are pending. */
  | "nobody-asked"
  /** The message is too long for a person to read in a question. */
  | "too-long";

/**
 * Stores a stranger's message until a person answers whether the stranger may write; one per stranger and
 * chat. Idempotent: the same message again is `held`. Approvers get a card, as for any other approval.
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
  const { chatId, groupId, sessionId, userId } = asked;
  const waiting = await waitingIn(db, { kind: "sender", chatId, userId }, clock.now());
  if (waiting !== undefined) return waiting.message_id === asked.messageId ? "held" : "sender-waits";
  if (!(await hasApprover(db, [groupId])) || (await isFull(db, groupId))) return "nobody-asked";
  const args = { user: userId, group: groupId };
  const consequence = linesOf(asked);
  const question = { kind: "sender", command: "members add", args, scope: "group", consequence } as const;
  return keepHeld(db, asked, { ...question, chatId, of: { groupId, sessionId } }, clock);
};

const linesOf = (asked: StrangersMessage): readonly string[] => [
  ...linesOfText(asked, asked.chatName),
  `Approved, ${asked.userId} is a member of ${asked.groupName}, and the message is passed on.`,
  `Rejected, no message of ${asked.userId} in this chat is passed on, and nobody is asked again.`,
];
