// @module-tag soak
import type { CentralTables } from "@gatehouse/central-database";
import { openReading } from "@gatehouse/postgres";
import { sql, type Transaction } from "kysely";
import { expect } from "vitest";
import { chaosTests } from "./scenario.fixture.ts";
import type { World } from "./world.fixture.ts";

/** Writes to the server beside its hosts. */
const write = async (
  { database }: World,
  change: (transaction: Transaction<CentralTables>) => Promise<unknown>,
): Promise<void> => {
  const db = await openReading<CentralTables>(database ?? expect.fail("there is no server"));
  await db.transaction().execute(async (transaction) => {
    await sql`set transaction read write`.execute(transaction);
    await change(transaction);
  });
  await db.destroy();
};

/** What happens to missed times, and a command that wakes the agent in each second second. */
const kinds = [
  { missed: "latest", condition: null },
  { missed: "all", condition: null },
  { missed: "skip", condition: null },
  { missed: "all", condition: "test $(( $(date +%s) % 2 )) = 0" },
] as const;

/** Adds tasks of every five seconds to each chat of each group. No command makes tasks that run so often. */
const addTasks = (world: World): Promise<void> =>
  write(world, async (transaction) => {
    const wirings = await transaction.selectFrom("messaging_group_agents").selectAll().execute();
    const [every, from] = [5_000, Date.now()];
    for (const { id, agent_group_id, messaging_group_id } of wirings)
      for (const [at, kind] of kinds.entries())
        await transaction
          .insertInto("tasks")
          .values({
            id: `ta-${id}-${at}`,
            agent_group_id,
            messaging_group_id,
            thread_id: null,
            has_own_session: at % 2,
            text: "a task",
            schedule: JSON.stringify({ kind: "every", every, from, zone: "UTC" }),
            within_ms: null,
            ...kind,
            status: "active",
            paused_because: null,
            next_at: new Date(from + every).toISOString(),
            last_at: null,
            failures: 0,
            created_at: new Date(from).toISOString(),
            created_by: "host",
          })
          .execute();
  });

chaosTests({
  what: "with tasks",
  on: "PostgreSQL",
  hosts: 2,
  groups: 2,
  people: { local: 2, console: 2 },
  messages: 40,
  faults: { "kill a host": 8, "stop a host for a while": 10, "kill an agent": 8 },
  atStart: addTasks,
  whenAnswered: (world) => write(world, (db) => db.updateTable("tasks").set({ status: "paused" }).execute()),
  atRest: async (world) => {
    await write(world, async (db) => {
      const runs = await db.selectFrom("task_runs").select("outcome").execute();
      const counts = new Map<string, number>();
      for (const { outcome } of runs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      console.log(`runs: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ")}`);
      expect(runs.length).toBeGreaterThan(kinds.length);
    });
  },
});
