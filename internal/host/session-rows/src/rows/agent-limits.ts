import { openRows } from "./outbound.ts";
import type { SessionTransaction } from "./transaction.ts";
import type { TransportResult } from "../messages/transport.ts";
import type { SessionTransportRow } from "@gatehouse/central-database";

/**
 * How much one agent may store in the host's database. Beyond these limits nothing is written, and the agent
 * gets the reason and may send again later.
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

/** Whether this many more messages may wait for delivery. */
export const hasRoomForMessages = async (
  db: SessionTransaction,
  { session_id }: SessionTransportRow,
  more: number,
): Promise<boolean> => {
  const open = await openRows(db, session_id)
    .select(({ fn }) => fn.countAll().as("count"))
    .executeTakeFirst();
  return Number(open?.count ?? 0) + more <= agentLimits.openMessages;
};

/** Whether a value under this key may be stored. */
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
