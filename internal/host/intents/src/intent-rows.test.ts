import { sql } from "kysely";
import { expect, test, vi } from "vitest";
import { addRow, at } from "@gatehouse/central-database/testing";
import { describeOnBoth } from "@gatehouse/session-rows/testing";
import { claimIntent, outcomeOf, writeOutcome } from "./intent-rows.ts";

const done = { ok: true, value: { data: "done" } } as const;

describeOnBoth("the outcome of an intent", ({ database, twoHosts }) => {
  test.skipIf(database === "SQLite")(
    "is not written in the moment in which another host claims it",
    async (context) => {
      const [one, other] = await twoHosts(context);
      await addRow(one, "intents", { id: "in-1" });
      await claimIntent(one, "in-1", "host-1");
      await one.updateTable("leases").set({ expires_at: at }).execute();
      const within = await other.startTransaction().execute();
      expect(await claimIntent(within, "in-1", "host-2")).toBe(true);
      const written = writeOutcome(one, { id: "in-1", owner: "host-1" }, done, at);
      const waiting = sql`select pid from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`;
      await vi.waitFor(async () => expect((await waiting.execute(within)).rows).toHaveLength(1));
      await within.commit().execute();
      await written;
      expect(await outcomeOf(one, "in-1")).toBeNull();
    },
  );
});
