import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import type { ContainerConfig } from "../container-config.ts";
import type { ContainerConfigStore } from "../store.ts";
import type { ContainerConfigTables } from "../tables.ts";
import { createContainerConfigTables } from "./create-tables.ts";
import { openSqlite, type Sqlite } from "@gatehouse/sqlite";

/** The tables of the package, and the host's table that they reference. */
export type FixtureTables = ContainerConfigTables & { agent_groups: { id: string } };

/** Creates the tables and these groups. */
export const prepareTables = async (db: Kysely<FixtureTables>, groups: readonly string[]): Promise<void> => {
  await sql`create table agent_groups (id text primary key)`.execute(db);
  await db.transaction().execute((transaction) => createContainerConfigTables(transaction));
  for (const id of groups) await db.insertInto("agent_groups").values({ id }).execute();
};

/** Opens a file, or throws. */
export const mustOpen = async (file: string): Promise<Sqlite<FixtureTables>> => {
  const opened = await openSqlite<FixtureTables>(file);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
};

/** Makes a new folder with a database that has these groups; null: an empty database. */
export const makeDatabase = async (
  groups: readonly string[] | null,
): Promise<{ readonly file: string; readonly sqlite: Sqlite<FixtureTables>; remove(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "container-config-"));
  const file = join(folder, "central.db");
  const sqlite = await mustOpen(file);
  if (groups !== null) await prepareTables(sqlite.db, groups);
  const remove = async () => {
    await sqlite.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { file, sqlite, remove };
};

/** The configuration of a group, or null if it has none. Throws if it is unreadable. */
export const getFrom = async (
  store: Pick<ContainerConfigStore, "get">,
  groupId: string,
): Promise<ContainerConfig | null> => {
  const read = await store.get(groupId);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};
