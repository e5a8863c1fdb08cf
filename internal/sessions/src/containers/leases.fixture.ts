import { at } from "@gatehouse/control-plane/testing";
import type { SessionBed } from "../session-bed.fixture.ts";

/** As if the host had been stopped for longer than its leases, or the clock set forward. */
export const expire = async ({ central: { db } }: SessionBed, sessionId: string): Promise<void> => {
  await db
    .updateTable("session_leases")
    .set({ expires_at: at })
    .where("session_id", "=", sessionId)
    .execute();
};

/** When a session's lease ends, ms since the epoch. */
export const expiryOf = async ({ central: { db } }: SessionBed, sessionId: string): Promise<number> => {
  const lease = db.selectFrom("session_leases").select("expires_at").where("session_id", "=", sessionId);
  return Date.parse((await lease.executeTakeFirstOrThrow()).expires_at);
};
