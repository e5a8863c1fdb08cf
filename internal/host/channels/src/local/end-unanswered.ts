import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { EndedMessage } from "../channel.ts";
import { outLine } from "./lines.ts";
import { orderedEnd } from "./frames.ts";
import { addLine } from "./transcript.ts";

/**
 * Tells the person that a message has no answer, unless it was answered: a pipe waits for each of its
 * messages. Returns whether it wrote to the chat.
 */
export const endUnanswered = async (
  db: Kysely<CentralTables>,
  { id, platformId, instance, threadId, failure, ordered }: EndedMessage,
  at: string,
): Promise<boolean> => {
  const said = await db
    .selectFrom("local_messages")
    .select("seq")
    .where("id", "=", id)
    .where("platform_id", "=", platformId)
    .where("direction", "=", "in")
    .executeTakeFirst();
  if (said === undefined) return false;
  const answered = await db
    .selectFrom("local_messages")
    .select("id")
    .where("platform_id", "=", platformId)
    .where("seq", ">", said.seq)
    .where("in_reply_to", "=", id)
    .limit(1)
    .executeTakeFirst();
  if (answered !== undefined) return false;
  const where = { platformId, instance, threadId, inReplyTo: id, from: null };
  const text = failure ?? "The agent has read this message, and sends no answer to it.";
  const failed = failure === null ? {} : ({ failed: true } as const);
  await addLine(
    db,
    outLine({ id: `${ordered === true ? orderedEnd : "ended-"}${id}`, text, ...where, ...failed }, at),
  );
  return true;
};
