import { sql } from "kysely";
import { statement } from "@gatehouse/sqlite";
import { parseJson } from "@gatehouse/std";
import type { SessionState } from "../messages/transport.ts";
import type { OfSession } from "./session-transaction.ts";
import type { SessionTransportRow } from "@gatehouse/central-database";
import { pending, system, type SessionDatabase } from "./session-transaction.ts";

/** A message that ended, and how often it was tried before. */
export type Ended = SessionState["ended"][number];

type Found = Omit<SessionState, "heartbeat"> & { readonly incarnation: number };

/** What is due, claimed and ended in a session, and the tool that its agent is in. */
export const endedAndDue = async (
  db: SessionDatabase,
  session: SessionTransportRow | null,
  sessionId: string,
  now: string,
): Promise<Found> => ({
  claims: await claims(db, sessionId),
  due: await dueCount(db, sessionId, now),
  nextDueAt: await nextDueAt(db, sessionId, now),
  ended: await untold(db, sessionId),
  tool: (session?.tool ?? null) === null ? null : (parseJson(session?.tool ?? "") as SessionState["tool"]),
  incarnation: session?.incarnation ?? 0,
});

type AsOf = OfSession & { readonly now: string };

const selectClaims = statement((db: SessionDatabase, { sessionId }: OfSession) =>
  db
    .selectFrom("session_messages_in")
    .select(["id", "claimed_at", "claimed_by"])
    .where("session_id", "=", sessionId)
    .where("claimed_at", "is not", null)
    .orderBy("claimed_at")
    .orderBy("id"),
);

const claims = async (db: SessionDatabase, sessionId: string): Promise<SessionState["claims"]> =>
  (await selectClaims(db, { sessionId })).rows.map((row) => ({
    ...{ id: row.id, since: row.claimed_at ?? "", incarnation: row.claimed_by ?? 0 },
  }));

const countDue = statement((db: SessionDatabase, { sessionId, now }: AsOf) =>
  db
    .selectFrom("session_messages_in")
    .select((count) => count.fn.countAll().as("count"))
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("kind", "<>", system)
    .where("trigger", "=", sql.lit(1 as const))
    .where("claimed_at", "is", null)
    .where((is) => is.or([is("process_after", "is", null), is("process_after", "<=", now)])),
);

const dueCount = async (db: SessionDatabase, sessionId: string, now: string): Promise<number> =>
  Number((await countDue(db, { sessionId, now })).rows[0]?.count ?? 0);

const selectNextDue = statement((db: SessionDatabase, { sessionId, now }: AsOf) =>
  db
    .selectFrom("session_messages_in")
    .select((least) => least.fn.min("process_after").as("at"))
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("trigger", "=", sql.lit(1 as const))
    .where("process_after", ">", now),
);

/** The earliest time at which a waiting message becomes due. */
export const nextDueAt = async (
  db: SessionDatabase,
  sessionId: string,
  now: string,
): Promise<string | null> => (await selectNextDue(db, { sessionId, now })).rows[0]?.at ?? null;

const selectUntold = statement((db: SessionDatabase, { sessionId }: OfSession) =>
  db
    .selectFrom("session_messages_in")
    .select(["id", "status", "reason", "tries"])
    .where("session_id", "=", sessionId)
    .where("told", "=", sql.lit(0 as const))
    .orderBy("seq"),
);

const untold = async (db: SessionDatabase, sessionId: string): Promise<readonly Ended[]> =>
  (await selectUntold(db, { sessionId })).rows.flatMap(({ status, ...row }) =>
    status === "pending" ? [] : [{ ...row, status }],
  );
