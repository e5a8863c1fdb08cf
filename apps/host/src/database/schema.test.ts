import { join } from "node:path";
import { openSqlite } from "@nc/container-config/node";
import { expect, onTestFinished } from "vitest";
import { temporaryFolder } from "./central.bed.ts";
import { describeSchema } from "./schema.bed.ts";
import type { CentralTables } from "./tables.ts";

describeSchema("SQLite", async () => {
  const opened = await openSqlite<CentralTables>(join(temporaryFolder(), "empty.db"));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  onTestFinished(opened.value.close);
  return opened.value.db;
});
