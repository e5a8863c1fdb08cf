import { sql } from "kysely";
import { expect, test } from "vitest";
import { at } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, stranger, type Bed } from "@gatehouse/dispatch/testing";
import { startUpBackfill } from "@gatehouse/group-setup";

/** Changes a cell of `ag-team`'s configuration by hand. */
const damage = async ({ central }: Bed, column: string, value: string): Promise<void> => {
  await sql`update container_configs set ${sql.ref(column)} = ${value} where agent_group_id = 'ag-team'`.execute(
    central.db,
  );
};

const damagedHost = async (column: string, value: string): Promise<Bed> => {
  const bed = await hostBed();
  await damage(bed, column, value);
  return bed;
};

const named = (column: string) => expect.stringContaining(`ag-team cannot be read. ${column} is`) as unknown;

test.each([
  { column: "skills", value: "{not json" },
  { column: "mcp_servers", value: '{"a":"sh"}' },
  { column: "additional_mounts", value: "null" },
])(
  "a host with $value as $column in one row starts, names the group and the column, and serves other groups",
  async ({ column, value }) => {
    const bed = await damagedHost(column, value);
    const { ask, ok, central, dataDir, bugs } = bed;
    expect(await startUpBackfill(central.db, dataDir, () => at)).toEqual([named(column)]);
    const error = { ok: false, code: "handler-error", message: named(column) };
    expect(await ask(operator, "groups", "config", "get", "ag-team")).toMatchObject(error);
    expect(await ask(operator, "groups", "config", "update", "ag-team", "--model", "opus")).toMatchObject(
      error,
    );
    expect(await ok(operator, "groups", "list")).toHaveLength(4);
    expect(await ok(operator, "groups", "get", "ag-team")).toMatchObject({ id: "ag-team" });
    await ok(stranger, "groups", "config", "get");
    await ok(operator, "groups", "config", "update", "ag-other", "--model", "opus");
    expect(bugs).toEqual([]);
  },
);

test("the agent of a damaged row keeps its rights, and a change that would fail is refused at once", async () => {
  const { ask, ok, bugs } = await damagedHost("skills", "{not json");
  expect(await ok(operator, "can", "groups", "config", "get", "--as-group", "ag-team")).toBeDefined();
  await ok(member, "sessions", "list");
  expect(await ask(member, "groups", "config", "update", "--model", "opus")).toMatchObject({
    ok: false,
    message: named("skills"),
  });
  expect(await ok(operator, "approvals", "list")).toEqual([]);
  expect(bugs).toEqual([]);
});

test("an approval fails with the reason if the row is damaged before it is approved", async () => {
  const bed = await hostBed();
  const { ask, ok, bugs } = bed;
  const asked = await ask(member, "groups", "config", "update", "--model", "opus");
  if (asked.ok || asked.approvalId === undefined) expect.fail(JSON.stringify(asked));
  await damage(bed, "skills", "{not json");
  expect(await ok(operator, "approvals", "approve", asked.approvalId)).toMatchObject({
    status: "failed",
    error: { message: named("skills") },
  });
  expect(bugs).toEqual([]);
});

test("the rollback that the error names repairs the row", async () => {
  const { ask, ok, bugs } = await damagedHost("skills", "{not json");
  const refused = await ask(operator, "groups", "config", "get", "ag-team");
  if (refused.ok) expect.fail("it could be read");
  expect(refused.message).toContain("ncl groups config rollback ag-team --to N");
  expect(await ok(operator, "groups", "config", "history", "ag-team")).toHaveLength(1);
  await ok(operator, "groups", "config", "rollback", "ag-team", "--to", "1");
  expect(await ok(operator, "groups", "config", "get", "ag-team")).toMatchObject({
    skills: "all",
    generation: 2,
  });
  expect(bugs).toEqual([]);
});
