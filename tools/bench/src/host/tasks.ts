import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import Database from "libsql";
import type { Measurement, OnEnd } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { addRows } from "./add-rows.ts";
import { command } from "./ask.ts";
import { cpuPerSecond } from "./cpu-per-second.ts";
import { startHost } from "./host.ts";

const [tasks, runsOfEach] = [10_000, 10];
const floor = "no task";

/** Two passes of a host over its tasks, ms. */
const spanMs = 60_000;

/** Time in which V8 collects what the start has left, ms. */
const settleMs = 60_000;

/** A host with one group, and so many tasks that are not due, each with runs that have ended. */
const hostWith = async (gatehouse: string, count: number, onEnd: OnEnd): Promise<number> => {
  const { dataDir, pid, openGroup } = await startHost(gatehouse, { provider: "echo" }, onEnd);
  await (await openGroup()).roundTrip("hello");
  if (count === 0) return pid;
  const db = new Database(join(dataDir, "gatehouse.db"), { timeout: 10_000 });
  const { id } = db.prepare("select agent_group_id as id from sessions").get() as { readonly id: string };
  const about = { group: id, text: "Read the news.", every: "366d", yes: true };
  await command(join(dataDir, "ncl.sock"), "tasks-create", about);
  addRows(db, "tasks", { count: count - 1, own: ["id"], where: "status = 'active'" });
  db.exec(
    `with recursive count(n) as (select 1 union all select n + 1 from count where n < ${runsOfEach})
     insert into task_runs (task_id, at, missed, written_at, session_id, outcome)
     select id, '2026-01-01T00:' || (10 + n) || ':00.000Z', 0, created_at, 'se-1', 'done' from tasks, count`,
  );
  db.close();
  return pid;
};

/** CPU time of an idle host: its passes look for tasks that are due, and for runs that have ended. */
export const idleTasks: Measurement = {
  name: "tasks",
  title: `CPU time of one second without messages, over ${spanMs / 1000} s`,
  unit: "ms",
  floor,
  rounds: { full: 5, quick: 1 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { gatehouse } = built.value;
    const pids = {
      [floor]: [await hostWith(gatehouse, 0, onEnd)],
      [`${tasks.toLocaleString("en")} tasks`]: [await hostWith(gatehouse, tasks, onEnd)],
    };
    await after(settleMs);
    return { ok: true, value: cpuPerSecond(pids, spanMs) };
  },
};
