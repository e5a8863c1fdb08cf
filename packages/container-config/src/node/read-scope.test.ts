import { sql } from "kysely";
import { expect, test } from "vitest";
import { containerConfigStore } from "./config-store.ts";
import { readScope } from "./read-scope.ts";
import { makeDatabase } from "./store.fixture.ts";

test("readScope returns the scope that is saved now, and group without a configuration", async () => {
  const { sqlite, remove } = await makeDatabase(["ag-1"]);
  const store = containerConfigStore(sqlite.db, { now: () => "2026-11-20T08:00:00.000Z" });
  const scopeOf = (groupId: string) => readScope(sqlite.reading, groupId);
  expect(await scopeOf("ag-1")).toBe("group");
  await store.create("ag-1", { cli_scope: "disabled" });
  expect(await scopeOf("ag-1")).toBe("disabled");
  await sqlite.db.transaction().execute(async (transaction) => {
    await containerConfigStore(transaction, { now: () => "" }).updateScalars("ag-1", { cli_scope: "global" });
    expect(await readScope(transaction, "ag-1")).toBe("global");
    // The transaction is not committed yet.
    expect(await scopeOf("ag-1")).toBe("disabled");
  });
  expect(await scopeOf("ag-1")).toBe("global");
  expect(await scopeOf("ag-2")).toBe("group");
  await remove();
});

test("an unknown scope cannot be saved, and readScope would return disabled for it", async () => {
  const { sqlite, remove } = await makeDatabase(["ag-1"]);
  await containerConfigStore(sqlite.db, { now: () => "" }).create("ag-1");
  const break_ = sql`update container_configs set cli_scope = 'all'`;
  await expect(break_.execute(sqlite.db)).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_CHECK" });
  await sql`pragma ignore_check_constraints = on`.execute(sqlite.db);
  await break_.execute(sqlite.db);
  expect(await readScope(sqlite.reading, "ag-1")).toBe("disabled");
  await remove();
});
