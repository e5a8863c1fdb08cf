import { sql } from "kysely";
import type { TransportResult } from "../../transport.ts";
import type { SessionTransportRow } from "./session-tables.ts";
import type { SessionTransaction } from "./session-transaction.ts";

/**
 * What one agent may fill the host's database with. Beyond it nothing is written, and the agent reads why: it may send
 * again later.
 */
export const agentLimits = { openMessages: 5_000, values: 1_000, openQuestions: 100 } as const;

const refused = (message: string): TransportResult<never> => ({
  ok: false,
  error: { code: "unwritable", message },
});

export const fullOfMessages: TransportResult<never> = refused(
  `${agentLimits.openMessages} messages wait to be delivered: no more can be sent now.`,
);

export const fullOfValues: TransportResult<never> = refused(
  `${agentLimits.values} values are kept for this session: remove one first.`,
);

export const fullOfQuestions: TransportResult<never> = refused(
  `${agentLimits.openQuestions} questions wait for an answer: no more can be asked now.`,
);

/** Whether so many messages more may wait to be delivered. */
export const hasRoomForMessages = async (
  db: SessionTransaction,
  { session_id }: SessionTransportRow,
  more: number,
): Promise<boolean> => {
  const { count } = await db
    .selectFrom("session_messages_out")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("session_id", "=", session_id)
    .where(sql<boolean>`status in ('pending', 'claimed')`)
    .executeTakeFirstOrThrow();
  return Number(count) + more <= agentLimits.openMessages;
};

/** Whether a value of this key may be kept. */
export const hasRoomForValue = async (
  db: SessionTransaction,
  sessionId: string,
  key: string,
): Promise<boolean> => {
  const others = db
    .selectFrom("session_values")
    .select("key")
    .where("session_id", "=", sessionId)
    .where("key", "<>", key)
    .limit(agentLimits.values);
  return (await others.execute()).length < agentLimits.values;
};
