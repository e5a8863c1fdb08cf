import { randomBytes } from "node:crypto";
import { gatewayTokenOf, hashOf } from "../messages/gateway-token.ts";
import type { SessionDatabase, Writes } from "./transaction.ts";

/** The workload that a token belongs to. */
export type Workload = { readonly sessionId: string; readonly incarnation: number };

/** A workload that asks the gateway. */
export type GatewayWorkload = Workload & {
  /** Whether its last request failed at the vendor. */
  readonly hasTrouble: boolean;
};

/** Bytes of a token. */
const tokenBytes = 32;

/**
 * Makes the token of a session's next workload, base64url. The database stores only its hash, so the returned
 * value cannot be read again. Tokens of earlier incarnations become invalid.
 */
export const issueToken =
  (incarnation: number): Writes<string> =>
  async ({ db, sessionId }) => {
    const token = randomBytes(tokenBytes).toString("base64url");
    await revokeTokens(db, { sessionId, incarnation });
    await db
      .insertInto("session_tokens")
      .values({
        hash: hashOf(token),
        session_id: sessionId,
        incarnation,
        gateway_hash: hashOf(gatewayTokenOf(token)),
      })
      .execute();
    return token;
  };

/** The workload of a token; null if the token is unknown or its incarnation is over. */
export const workloadOf = async (db: SessionDatabase, token: string): Promise<Workload | null> =>
  (await workloadWith(db, "hash", token).executeTakeFirst()) ?? null;

/** The workload of a gateway token; null if the token is unknown or its incarnation is over. */
export const gatewayWorkloadOf = async (
  db: SessionDatabase,
  gatewayToken: string,
): Promise<GatewayWorkload | null> => {
  const asking = workloadWith(db, "gateway_hash", gatewayToken).select("vendor_trouble");
  const row = await asking.executeTakeFirst();
  if (row === undefined) return null;
  const { vendor_trouble: trouble, ...workload } = row;
  return { ...workload, hasTrouble: trouble !== null };
};

const workloadWith = (db: SessionDatabase, column: "hash" | "gateway_hash", token: string) =>
  db
    .selectFrom("session_tokens")
    .select(["session_id as sessionId", "incarnation"])
    .where(column, "=", hashOf(token));

/** Revokes the tokens of a session's incarnations up to this one. */
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
