import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { hasApprover } from "./approvers.ts";
import { isFull } from "./hold.ts";
import { keepHeld, linesOfText, waitingIn, type HeldText } from "./keep-held.ts";

/** A stranger's message to a group. */
export type StrangersMessage = HeldText & {
  /** The chat's id, and its name for a person. */
  readonly chatId: string;
  readonly chatName: string;
  readonly groupId: string;
  readonly groupName: string;
  /** The session that gets the message. */
  readonly sessionId: string;
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
