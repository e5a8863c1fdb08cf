import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { withMount, withoutMount } from "../changes/entry-changes.ts";
import { containerConfigStore } from "./config-store.ts";
import { makeDatabase } from "./store.fixture.ts";

/**
 * A store with two groups. The first is at its second generation, and one cell of its row was changed by
 * hand.
 */
const withChangedCell = async (column: string, value: string) => {
  const { sqlite, remove } = await makeDatabase(["ag-1", "ag-2"]);
  onTestFinished(remove);
  const store = containerConfigStore(sqlite.db, { now: () => "" });
  await store.create("ag-1", { skills: ["pdf"] });
  await store.create("ag-2");
  await store.updateScalars("ag-1", { model: "opus" });
  await sql`update container_configs set ${sql.ref(column)} = ${value} where agent_group_id = 'ag-1'`.execute(
    sqlite.db,
  );
  return store;
};

const cells = [
  { column: "skills", value: "{not json", problem: "is no JSON" },
  { column: "skills", value: "5", problem: "is JSON of another form" },
  { column: "mcp_servers", value: "null", problem: "is JSON of another form" },
  { column: "mcp_servers", value: '{"a":"sh"}', problem: "is JSON of another form" },
  { column: "packages_npm", value: '{"a":1}', problem: "is JSON of another form" },
  { column: "additional_mounts", value: '[{"hostPath":"/srv"}]', problem: "is JSON of another form" },
];

test.each(cells)(
  "$column = $value is an error that names the column, and the other group still works",
  async ({ column, value, problem }) => {
    const store = await withChangedCell(column, value);
    const error = {
      code: "unreadable-configuration",
      groupId: "ag-1",
      problems: [{ path: column, problem }],
    };
    expect(await store.get("ag-1")).toEqual({ ok: false, error });
    expect(await store.ensure("ag-1")).toEqual({ ok: false, error });
    expect(await store.updateScalars("ag-1", { model: "haiku" })).toEqual({ ok: false, error });
    expect(await store.getAll()).toMatchObject([{ ok: false, error }, { ok: true }]);
    expect(await store.updateScalars("ag-2", { model: "haiku" })).toMatchObject({ ok: true });
    expect(await store.history("ag-1")).toHaveLength(2);
  },
);

test.each(cells)(
  "a rollback repairs $column = $value, also to the current generation",
  async ({ column, value }) => {
    for (const to of [1, 2]) {
      const store = await withChangedCell(column, value);
      expect(await store.rollback("ag-1", to)).toMatchObject({
        ok: true,
        value: { config: { generation: 3 } },
      });
      const model = to === 1 ? null : "opus";
      expect(await store.get("ag-1")).toMatchObject({
        ok: true,
        value: { model, skills: ["pdf"], mcp_servers: {} },
      });
    }
  },
);

test("a mount that today's rules refuse can be removed, also beside another one", async () => {
  const mount = (hostPath: string, name: string) => ({ hostPath, containerPath: `/workspace/extra/${name}` });
  const old = [mount("/srv/.pi", "pi"), mount("/srv/.kimi-code", "kimi")];
  const store = await withChangedCell("additional_mounts", JSON.stringify(old));
  expect(await store.updateEntries("ag-1", "additional_mounts", withoutMount("pi"))).toMatchObject({
    ok: true,
    value: { config: { additional_mounts: [old[1]] } },
  });
  const more = withMount(mount("/srv/notes", "notes"));
  expect(await store.updateEntries("ag-1", "additional_mounts", more)).toMatchObject({
    error: { problems: [{ path: "additional_mounts.0.hostPath" }] },
  });
});

test("a rollback is not refused for an old server and an old mount that both generations have", async () => {
  const { sqlite, remove } = await makeDatabase(["ag-1"]);
  onTestFinished(remove);
  const store = containerConfigStore(sqlite.db, { now: () => "" });
  await store.create("ag-1");
  await store.updateScalars("ag-1", { model: "opus" });
  const mounts = [{ hostPath: "/srv/.pi", containerPath: "/workspace/extra/pi" }];
  const servers = { notes: { command: "run\nme" } };
  const [storedMounts, storedServers] = [JSON.stringify(mounts), JSON.stringify(servers)];
  await sql`update container_configs
    set additional_mounts = ${storedMounts}, mcp_servers = ${storedServers}`.execute(sqlite.db);
  await sql`update container_config_history
    set config = json_set(config, '$.additional_mounts', json(${storedMounts}), '$.mcp_servers', json(${storedServers}))
  `.execute(sqlite.db);
  expect(await store.rollback("ag-1", 1)).toMatchObject({
    ok: true,
    value: { config: { model: null, additional_mounts: mounts, mcp_servers: servers } },
  });
});

test("a rollback is refused if it keeps an unreadable field", async () => {
  const store = await withChangedCell("additional_mounts", "{");
  expect(await store.rollback("ag-1", 1, { keep: ["additional_mounts"] })).toMatchObject({
    error: { problems: [{ path: "additional_mounts" }] },
  });
  expect(await store.rollback("ag-1", 1, { keep: ["cli_scope"] })).toMatchObject({ ok: true });
});

test("an unreadable generation is an error only for calls that read it", async () => {
  const { sqlite, remove } = await makeDatabase(["ag-1"]);
  onTestFinished(remove);
  const store = containerConfigStore(sqlite.db, { now: () => "" });
  await store.create("ag-1");
  await store.updateScalars("ag-1", { model: "opus" });
  for (const text of ["{", "null", '{"skills":5}']) {
    await sql`update container_config_history set config = ${text} where generation = 1`.execute(sqlite.db);
    const error = { code: "unreadable-configuration", problems: [{ path: "generation 1" }] };
    expect(await store.rollback("ag-1", 1)).toMatchObject({ error });
    expect(await store.diff("ag-1")).toMatchObject({ error });
    expect(await store.get("ag-1")).toMatchObject({ ok: true });
  }
});
