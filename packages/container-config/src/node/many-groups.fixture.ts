// A process that imports the files of 600 groups: `many-groups.fixture.ts <folder>`. Prints the number of
// imported groups, and the first broken one.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { backfillContainerConfigs, type LegacyGroup } from "./backfill.ts";
import { mustOpen, prepareTables } from "./store.fixture.ts";

const [dataDir = ""] = process.argv.slice(2);
const groupsDir = join(dataDir, "groups");
const groups = Array.from({ length: 600 }, (_, index): LegacyGroup => ({
  id: `ag-${index}`,
  folder: `${index}`,
  agent_provider: null,
  ownership: "other",
  ceiling: "group",
}));
for (const { folder } of groups) {
  mkdirSync(join(groupsDir, folder), { recursive: true });
  writeFileSync(join(groupsDir, folder, "container.json"), '{"model":"opus"}');
}
const { db, close } = await mustOpen(join(dataDir, "central.db"));
await prepareTables(
  db,
  groups.map(({ id }) => id),
);
const now = (): string => "2026-11-20T08:00:00.000Z";
const options = { groups, groupsDir, dataDir, home: "/home/ada", vouched: false, now };
const { backfilled, broken } = await backfillContainerConfigs(db, options);
await close();
process.stdout.write(JSON.stringify({ backfilled: backfilled.length, broken: broken.slice(0, 1) }));
