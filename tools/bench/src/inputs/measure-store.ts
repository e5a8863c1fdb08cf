import { keptGenerations, type ContainerConfigTables } from "@nc/container-config";
import {
  containerConfigStore,
  createContainerConfigTables,
  openSqlite,
  readScope,
} from "@nc/container-config/node";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import Libsql from "libsql";

/** Microseconds for one call: of our store, and of the bare driver with the same effect on the database. */
type Pair = { readonly ours: number; readonly bare: number };

export type StoreTimes = { readonly scope: Pair; readonly get: Pair; readonly update: Pair };

type Database = ContainerConfigTables & { agent_groups: { id: string } };

const groups = Array.from({ length: 1_000 }, (_, index) => `ag-${index}`);
const groupAt = (index: number): string => groups[index % groups.length] ?? "";

/**
 * Measures the store's calls beside the bare driver, on a database of 1,000 configurations that is created in
 * this empty folder. Each figure is the mean of `calls` calls. `now` is a clock in milliseconds. Make several
 * measurements in one process and compare medians: the first ones include compiling.
 */
export const measureStore = async (
  folder: string,
  now: () => number,
  calls: number = 1_000,
): Promise<StoreTimes> => {
  const file = join(folder, "measure.db");
  const opened = await openSqlite<Database>(file);
  if (!opened.ok) throw new Error(opened.error.code);
  const sqlite = opened.value;
  const store = containerConfigStore(sqlite.db, { now: () => "2026-11-20T08:00:00.000Z" });
  await fill(sqlite.db, (group) => store.create(group, { packages_apt: ["ripgrep", "jq"] }));
  const bare = bareCalls(file);
  // Like the host, the bare driver opens the connection and prepares the statement once.
  await readScope(sqlite.reading, groupAt(0));
  const mean = (call: (index: number) => unknown) => meanTime(call, now, calls);
  const times = {
    scope: {
      bare: await mean(bare.scope),
      ours: await mean((index) => readScope(sqlite.reading, groupAt(index))),
    },
    get: { bare: await mean(bare.get), ours: await mean((index) => store.get(groupAt(index))) },
    update: {
      bare: await mean(bare.update),
      ours: await mean((index) => store.updateScalars(groupAt(index), { model: `model-${now()}-${index}` })),
    },
  };
  bare.close();
  await sqlite.close();
  return times;
};

const fill = async (db: Kysely<Database>, create: (group: string) => Promise<unknown>): Promise<void> => {
  await sql`create table if not exists agent_groups (id text primary key)`.execute(db);
  const { rows } = await sql`select 1 from sqlite_schema where name = 'container_configs'`.execute(db);
  if (rows.length > 0) return;
  await createContainerConfigTables(db);
  for (const id of groups) {
    await db.insertInto("agent_groups").values({ id }).execute();
    await create(id);
  }
};

/** Awaits a call only if it returns a promise: an await would take most of the time of synchronous calls. */
const meanTime = async (
  call: (index: number) => unknown,
  now: () => number,
  calls: number,
): Promise<number> => {
  const start = now();
  for (let index = 0; index < calls; index += 1) {
    const given = call(index);
    if (given instanceof Promise) await given;
  }
  return ((now() - start) * 1_000) / calls;
};

/** The same statements, prepared once and run directly by the driver. */
const bareCalls = (file: string) => {
  const database = new Libsql(file);
  database.exec("pragma synchronous = normal; pragma foreign_keys = on");
  const scope = database.prepare("select cli_scope from container_configs where agent_group_id = ?");
  const get = database.prepare("select * from container_configs where agent_group_id = ?");
  const [begin, commit] = [database.prepare("begin immediate"), database.prepare("commit")];
  const { columns, write } = wholeRow(database);
  const remember = database.prepare(
    "insert into container_config_history values (?, ?, ?, 'update', ?, null, null)",
  );
  const forget = database.prepare(
    "delete from container_config_history where agent_group_id = ? and generation <= ?",
  );
  return {
    scope: (index: number) => scope.get([groupAt(index)]),
    get: (index: number) => get.get([groupAt(index)]),
    update: (index: number) => {
      begin.run([]);
      const row = get.get([groupAt(index)]) as Record<string, unknown>;
      const generation = Number(row["generation"]) + 1;
      const next: Record<string, unknown> = { ...row, model: `bare-${generation}-${index}`, generation };
      write.run([...columns.map((column) => next[column]), row["agent_group_id"], row["generation"]]);
      remember.run([row["agent_group_id"], generation, JSON.stringify(next), next["updated_at"]]);
      if (generation > keptGenerations) forget.run([row["agent_group_id"], generation - keptGenerations]);
      commit.run([]);
    },
    close: () => database.close(),
  };
};

const wholeRow = (database: Libsql.Database) => {
  const columns = database
    .prepare("select name from pragma_table_info('container_configs')")
    .all()
    .map((row) => (row as { name: string }).name);
  const set = columns.map((column) => `${column} = ?`).join(", ");
  const write = database.prepare(
    `update container_configs set ${set} where agent_group_id = ? and generation = ?`,
  );
  return { columns, write };
};
