import { homedir } from "node:os";
import { dirname } from "node:path";
import { sql } from "kysely";
import { checkScalars, explain, withPackage } from "@nc/container-config";
import type { ContainerConfigTables } from "@nc/container-config";
import {
  containerConfigStore,
  createContainerConfigTables,
  materialise,
  openSqlite,
} from "@nc/container-config/node";

const [file = "host.db", groupsDir = "groups"] = process.argv.slice(2);
const opened = await openSqlite<ContainerConfigTables>(file);
if (!opened.ok) throw new Error(explain(opened.error));
const { db, close } = opened.value;

// In a host this is a migration, and the table of groups is its own.
await sql`create table agent_groups (id text primary key)`.execute(db);
await createContainerConfigTables(db);
await sql`insert into agent_groups values ('ag-1')`.execute(db);

const store = containerConfigStore(db, { now: () => new Date().toISOString() });
await store.create("ag-1", { model: "claude-sonnet-4-5" });

// Checks all typed values together: sets these, and unsets the model.
const typed = checkScalars({ provider: "Codex", timezone: "europe/berlin", cpus: 0.5 }, ["model"]);
if (!typed.ok) throw new Error(explain(typed.error));
const updated = await store.updateScalars("ag-1", typed.value, { ifGeneration: 1 });
if (!updated.ok) throw new Error(explain(updated.error));
for (const { field, before, after, needs } of updated.value.changes)
  console.log(`${field}: ${before} -> ${after} (${needs})`);

const added = await store.updateEntries("ag-1", "packages_apt", withPackage("ripgrep"));
if (!added.ok) throw new Error(explain(added.error));
console.log(`generation ${added.value.config.generation} needs a ${added.value.needs}`);

const group = { id: "ag-1", name: "Notes", folder: "notes" };
const place = { groupsDir, dataDir: dirname(file), home: homedir() };
const written = await materialise(added.value.config, group, place);
console.log(written.ok ? written.value : explain(written.error));
await close();
