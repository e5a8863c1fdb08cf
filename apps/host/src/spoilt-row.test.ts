import { sql } from "kysely";
import { expect, test } from "vitest";
import { at, hostBed, member, operator, stranger, type Bed } from "@gatehouse/control-plane/testing";
import { startUpBackfill } from "@gatehouse/control-plane";

/** Changes a cell of `ag-team`'s configuration by hand. */
const spoil = async ({ central }: Bed, column: string, value: string): Promise<void> => {
  await sql`update container_configs set ${sql.ref(column)} = ${value} where agent_group_id = 'ag-team'`.execute(
    central.db,
  );
};

const spoilt = async (column: string, value: string): Promise<Bed> => {
  const bed = await hostBed();
  await spoil(bed, column, value);
  return bed;
};

const named = (column: string) => expect.stringContaining(`ag-team cannot be read. ${column} is`) as unknown;

test.each([
  { column: "skills", value: "{not json" },
  { column: "mcp_servers", value: '{"a":"sh"}' },
  { column: "additional_mounts", value: "null" },
])(
  "a host starts although $column is $value in one row, names the group and the column, and serves the others",
  async ({ column, value }) => {
    const bed = await spoilt(column, value);
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

test("its agent may ask what it may, and what would fail is not held for a person", async () => {
  const { ask, ok, bugs } = await spoilt("skills", "{not json");
  expect(await ok(operator, "can", "groups", "config", "get", "--as-group", "ag-team")).toBeDefined();
  await ok(member, "sessions", "list");
  expect(await ask(member, "groups", "config", "update", "--model", "opus")).toMatchObject({
    ok: false,
    message: named("skills"),
  });
  expect(await ok(operator, "approvals", "list")).toEqual([]);
  expect(bugs).toEqual([]);
});

test("what was held before and approved after says why it failed", async () => {
  const bed = await hostBed();
  const { ask, ok, bugs } = bed;
  const asked = await ask(member, "groups", "config", "update", "--model", "opus");
  if (asked.ok || asked.approvalId === undefined) expect.fail(JSON.stringify(asked));
  await spoil(bed, "skills", "{not json");
  expect(await ok(operator, "approvals", "approve", asked.approvalId)).toMatchObject({
    status: "failed",
    error: { message: named("skills") },
  });
  expect(bugs).toEqual([]);
});

test("the roll-back that the error names mends it", async () => {
  const { ask, ok, bugs } = await spoilt("skills", "{not json");
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
