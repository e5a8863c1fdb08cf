import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import type { ContainerConfig } from "../container-config.ts";
import type { ContainerConfigStore } from "../store.ts";
import type { ContainerConfigTables } from "../tables.ts";
import { createContainerConfigTables } from "./create-tables.ts";
import { openSqlite, type Sqlite } from "@gatehouse/sqlite";

/** The tables of the package, and as much of the host's as they need. */
export type BedTables = ContainerConfigTables & { agent_groups: { id: string } };

/** Makes the tables, and these groups. */
export const prepareTables = async (db: Kysely<BedTables>, groups: readonly string[]): Promise<void> => {
  await sql`create table agent_groups (id text primary key)`.execute(db);
  await db.transaction().execute((transaction) => createContainerConfigTables(transaction));
  for (const id of groups) await db.insertInto("agent_groups").values({ id }).execute();
};

/** Opens a file that has to be usable. */
export const mustOpen = async (file: string): Promise<Sqlite<BedTables>> => {
  const opened = await openSqlite<BedTables>(file);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
};

/** A folder of its own, with a database in it that has these groups; with nothing in it for null. */
export const makeDatabase = async (
  groups: readonly string[] | null,
): Promise<{ readonly file: string; readonly sqlite: Sqlite<BedTables>; remove(): Promise<void> }> => {
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

/** A configuration that can be read, or null where there is none. */
export const getFrom = async (
  store: Pick<ContainerConfigStore, "get">,
  groupId: string,
): Promise<ContainerConfig | null> => {
  const read = await store.get(groupId);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};
