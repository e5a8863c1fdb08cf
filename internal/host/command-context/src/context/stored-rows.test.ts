import { expect, test } from "vitest";
import { at, addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator } from "@gatehouse/dispatch/testing";

test("rows of the same time have the same order on every database, with rows for all groups last", async () => {
  const bed = await hostBed();
  const { db } = bed.central;
  const user_id = "telegram:nobody";
  for (const agent_group_id of [null, "ag-team", "ag-other"])
    await addRow(db, "user_roles", { user_id, agent_group_id, granted_at: at });
  const roles = await bed.ok(operator, "roles", "list", "--user-id", user_id);
  expect(roles).toMatchObject([
    { agent_group_id: "ag-team" },
    { agent_group_id: "ag-other" },
    { agent_group_id: null },
  ]);
  for (const id of ["x:B", "x:a", "x:_"]) await addRow(db, "users", { id, kind: "x" });
  const users = await bed.ok(operator, "users", "list", "--kind", "x");
  expect(users).toMatchObject([{ id: "x:a" }, { id: "x:_" }, { id: "x:B" }]);
});
