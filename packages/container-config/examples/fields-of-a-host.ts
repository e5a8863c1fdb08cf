import { homedir } from "node:os";
import { dirname } from "node:path";
import { sql } from "kysely";
import { z } from "zod";
import { checkScalars, explain, withHostFields } from "@nc/container-config";
import type { ContainerConfigTables } from "@nc/container-config";
import {
  addFieldColumns,
  containerConfigStore,
  createContainerConfigTables,
  materialise,
  openSqlite,
} from "@nc/container-config/node";

// A row for each field. What a message says continues the field's name.
const fields = withHostFields({
  shm_mb: {
    check: z.number().int().min(64, "is below 64"),
    column: "integer",
    needs: "restart",
    file: "shmMb",
    initial: null,
  },
  blocked_hosts: {
    check: z.array(z.string().regex(/^[a-z0-9.-]+$/, "is no host's name")),
    column: "json",
    needs: "restart",
    file: "blockedHosts",
    initial: [],
  },
});

const [file = "host.db", groupsDir = "groups"] = process.argv.slice(2);
const opened = await openSqlite<ContainerConfigTables>(file);
if (!opened.ok) throw new Error(explain(opened.error));
const { db, close } = opened.value;
await sql`create table agent_groups (id text primary key)`.execute(db);
await createContainerConfigTables(db);
await addFieldColumns(db, fields); // in a host this is a migration
await sql`insert into agent_groups values ('ag-1')`.execute(db);

const store = containerConfigStore(db, { now: () => new Date().toISOString(), fields });
await store.create("ag-1", { shm_mb: 256 }, { actor: "operator" });

const refused = checkScalars({ shm_mb: 8, colour: "red" }, [], fields);
if (!refused.ok) console.log(explain(refused.error));

const typed = checkScalars({ shm_mb: 512, blocked_hosts: ["ads.example"] }, [], fields);
if (!typed.ok) throw new Error(explain(typed.error));
const said = { actor: "operator", reason: "a browser needs it" };
const updated = await store.updateScalars("ag-1", typed.value, said);
if (!updated.ok) throw new Error(explain(updated.error));
for (const { field, before, after } of updated.value.changes)
  console.log(`${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);

for (const { generation, actor, reason, fields: changed } of await store.history("ag-1"))
  console.log(`${generation} ${actor}: ${changed?.join(", ")} (${reason ?? "no reason"})`);

const group = { id: "ag-1", name: "Notes", folder: "notes" };
const place = { groupsDir, dataDir: dirname(file), home: homedir(), fields };
const written = await materialise(updated.value.config, group, place);
console.log(written.ok ? written.value : explain(written.error));
await close();
