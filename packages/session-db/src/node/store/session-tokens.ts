import { createHash, randomBytes } from "node:crypto";
import type { TransportResult } from "../../transport.ts";
import { hostTransactions, type HostSideOptions } from "./host-transactions.ts";
import type { SessionDatabase } from "./session-transaction.ts";

/** The workload that a token belongs to. */
export type Workload = { readonly sessionId: string; readonly incarnation: number };

/** Bytes of a token. */
const tokenBytes = 32;

/** Nobody guesses 256 random bits, so that a fast hash is enough. */
const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/**
 * Makes the token of a session's next workload, base64url. The database keeps its hash alone, so this is the only time
 * that it can be read. The tokens of earlier incarnations end with it. A host whose lease is over is `fenced`.
 */
export const issueToken = async (
  options: HostSideOptions,
  incarnation: number,
): Promise<TransportResult<string>> => {
  const token = randomBytes(tokenBytes).toString("base64url");
  const { write } = hostTransactions(options, () => false);
  return write(async (db, { session_id }) => {
    await revokeTokens(db, { sessionId: session_id, incarnation });
    await db
      .insertInto("session_tokens")
      .values({ hash: hashOf(token), session_id, incarnation })
      .execute();
    return token;
  });
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

/** Ends the tokens of a session's incarnations up to this one: it is over. */
export const revokeTokens = async (
  db: SessionDatabase,
  { sessionId, incarnation }: Workload,
): Promise<void> => {
  await db
    .deleteFrom("session_tokens")
    .where("session_id", "=", sessionId)
    .where("incarnation", "<=", incarnation)
    .execute();
};
