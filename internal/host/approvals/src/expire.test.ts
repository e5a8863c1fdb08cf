import { expect, describe, test } from "vitest";
import { at, addRow } from "@gatehouse/central-database/testing";
import { giveBackLease, takeLease } from "@gatehouse/session-rows";
import { bothDatabases } from "@gatehouse/session-rows/testing";
import { expireApprovals } from "./expire.ts";

const sessionId = "se-1";
const ownPrefix = "machine1-";
const later = { now: () => "2027-01-01T00:00:00.000Z", id: (prefix: string) => `${prefix}-1` };

describe.each(bothDatabases)("expireApprovals on $database", ({ twoHosts }) => {
  test.for([
    { holder: "no host", owner: null, count: 1 },
    { holder: "this host", owner: "machine1-7-x", count: 1 },
    { holder: "an earlier process of this host", owner: "machine1-6-y", count: 1 },
    { holder: "another host", owner: "machine2-7-z", count: 0 },
  ])(
    "expires $count overdue approvals of a session that $holder leases",
    async ({ owner, count }, context) => {
      const [db] = await twoHosts(context);
      await addRow(db, "pending_approvals", { session_id: sessionId, expires_at: at });
      if (owner !== null) await takeLease(db, { sessionId, owner, ttlMs: 60_000 });
      const expire = () => db.transaction().execute((within) => expireApprovals(within, later, ownPrefix));
      expect(await expire()).toBe(count);
      const states = await db.selectFrom("pending_approvals").select("status").execute();
      expect(states).toEqual([{ status: count === 1 ? "expired" : "pending" }]);
      const notes = await db.selectFrom("system_messages").select("session_id").execute();
      expect(notes).toHaveLength(count);
      // After the lease was given back, any host may expire it.
      await giveBackLease(db, { sessionId, token: 1 }, { hasWork: true });
      expect(await expire()).toBe(1 - count);
    },
  );
});
