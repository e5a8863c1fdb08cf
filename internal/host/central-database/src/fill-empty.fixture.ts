import process from "node:process";
import { openCentral } from "./open-central.ts";
import { addRow, sampleTables } from "./sample-rows.fixture.ts";

// A program: gives each table of a data folder's database a row, if it has none. Prints the number of tables that got one.
const [dataDir = ""] = process.argv.slice(2);
const opened = await openCentral(dataDir);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const { db, close } = opened.value;
/** Other samples refer to these, so they are added beside the rows of a host. */
const parents = new Set(["agent_groups", "messaging_groups", "users", "sessions"]);
let filled = 0;
for (const table of sampleTables) {
  const found = await db.selectFrom(table).selectAll().limit(1).execute();
  if (found.length > 0 && !parents.has(table)) continue;
  await addRow(db, table);
  filled += 1;
}
await close();
process.stdout.write(`${filled}\n`);
