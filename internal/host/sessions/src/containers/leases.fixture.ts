import { at } from "@gatehouse/central-database/testing";
import type { SessionFixture } from "../session.fixture.ts";

/** Expires a lease, as if the host had been stopped for longer than that, or the clock set forward. */
export const expire = async ({ central: { db } }: SessionFixture, sessionId: string): Promise<void> => {
  await db.updateTable("leases").set({ expires_at: at }).where("session_id", "=", sessionId).execute();
};

/** The time at which a session's lease ends, ms since the epoch. */
export const expiryOf = async ({ central: { db } }: SessionFixture, sessionId: string): Promise<number> => {
  const lease = db.selectFrom("leases").select("expires_at").where("session_id", "=", sessionId);
  return Date.parse((await lease.executeTakeFirstOrThrow()).expires_at);
};
