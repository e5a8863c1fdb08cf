import { dispatch } from "@nc/cli-scope";
import { sql } from "kysely";
import type { Central } from "@gatehouse/central-database";
import type { CentralCommandHost } from "@gatehouse/dispatch";

/** Milliseconds for one answer of each kind. */
export type ListTimes = {
  /**
   * `sessions list` with a filter, from the frame to its answer, including the decision, the transaction and the
   * log.
   */
  readonly listMs: number;
  /** The same rows by one query that is already compiled. */
  readonly bareMs: number;
};

/** The filters of a list: one that an index serves, and one without an index. */
export const listFilters = { indexed: "container_status", scanned: "agent_provider" } as const;

/** Half of all sessions have this value in both columns of `listFilters`. */
const wanted = "running";

/** Adds `count` sessions to a database. Each filter of `listFilters` selects half of them. */
export const fillSessions = async ({ db }: Central, count: number): Promise<void> => {
  const at = "2026-11-20T08:00:00.000Z";
  await db
    .insertInto("agent_groups")
    .values({ id: "ag-1", name: "One", folder: "one", created_at: at })
    .execute();
  for (let from = 0; from < count; from += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, count - from) }, (_, offset) => {
      const index = from + offset;
      const state = index % 2 === 0 ? wanted : "stopped";
      const created_at = new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString();
      return {
        id: `se-${index}`,
        agent_group_id: "ag-1",
        status: "active",
        container_status: state,
        agent_provider: state,
        // Active sessions of one group differ in their chat or thread.
        thread_id: String(index),
        created_at,
        incarnation: 0,
      };
    });
    await db.insertInto("sessions").values(rows).execute();
  }
};

/**
 * Measures one answer of 200 rows, by `sessions list` and by the bare query. `now` is a clock in milliseconds. The
 * first calls warm up the compiler.
 */
export const measureList = async (
  {
    central,
    host,
    now,
  }: { readonly central: Central; readonly host: CentralCommandHost; readonly now: () => number },
  column: string,
): Promise<ListTimes> => {
  const bare = sql`select id, agent_group_id, messaging_group_id, thread_id, agent_provider, status,
      container_status, config_generation, last_active, created_at
    from sessions where ${sql.ref(column)} = ${wanted} order by created_at desc, id desc limit 200`.compile(
    central.reading,
  );
  const frame = { id: "1", command: "sessions-list", args: { [column]: wanted } };
  const start = now();
  const { rows } = await central.reading.executeQuery(bare);
  const between = now();
  const answer = await dispatch(frame, { type: "host" }, host);
  const end = now();
  if (!answer.ok || (answer.data as readonly object[]).length !== rows.length)
    throw new Error("Both have to give the same rows.");
  return { listMs: end - between, bareMs: between - start };
};
