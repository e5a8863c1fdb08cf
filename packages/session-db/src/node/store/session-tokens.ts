import { createHash, randomBytes } from "node:crypto";
import type { SessionDatabase } from "./session-transaction.ts";

/** The workload that a token belongs to. */
export type Workload = { readonly sessionId: string; readonly incarnation: number };

/** Bytes of a token. */
const tokenBytes = 32;

/** Nobody guesses 256 random bits, so that a fast hash is enough. */
const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/**
 * Makes the token of a workload, base64url. The database keeps its hash alone, so this is the only time that it can be
 * read. The tokens of the session's earlier incarnations end with it.
 */
export const issueToken = async (
  db: SessionDatabase,
  { sessionId, incarnation }: Workload,
): Promise<string> => {
  const token = randomBytes(tokenBytes).toString("base64url");
  await db.transaction().execute(async (transaction) => {
    await revokeTokens(transaction, sessionId);
    const row = { hash: hashOf(token), session_id: sessionId, incarnation };
    await transaction.insertInto("session_tokens").values(row).execute();
  });
  return token;
};

/** The workload of a token; null for one that is unknown, or whose incarnation is over. */
export const workloadOf = async (db: SessionDatabase, token: string): Promise<Workload | null> => {
  const row = await db
    .selectFrom("session_tokens")
    .select(["session_id", "incarnation"])
    .where("hash", "=", hashOf(token))
    .executeTakeFirst();
  return row === undefined ? null : { sessionId: row.session_id, incarnation: row.incarnation };
};

/** Ends all tokens of a session: its incarnation is over, or the session was closed. */
export const revokeTokens = async (db: SessionDatabase, sessionId: string): Promise<void> => {
  await db.deleteFrom("session_tokens").where("session_id", "=", sessionId).execute();
};
