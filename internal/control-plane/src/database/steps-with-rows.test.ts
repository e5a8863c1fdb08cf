import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { openSqlite } from "@gatehouse/sqlite";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, onTestFinished, test, type TestContext } from "vitest";
import { temporaryFolder } from "./central.fixture.ts";
import { applyMigrations } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { emptyPostgres } from "./postgres.fixture.ts";
import { addRow, addRowBefore11, tablesBefore11 } from "./sample-rows.fixture.ts";
import type { CentralTables } from "./tables.ts";

const at = "2026-11-20T08:00:00.000Z";

type Empty = (context: TestContext) => Promise<Kysely<CentralTables>>;

const onSqlite: Empty = async () => {
  const opened = await openSqlite<CentralTables>(join(temporaryFolder(), "empty.db"));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  onTestFinished(opened.value.close);
  return opened.value.db;
};

const onPostgres: Empty = async ({ skip }) => {
  const postgres = await emptyPostgres();
  return postgres?.db ?? skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
};

const upTo = (db: Kysely<CentralTables>, version: number): Promise<void> =>
  applyMigrations(db, migrations.slice(0, version), () => at);

/** A chat as it was before chats had instances. */
const oldChat = async (db: Kysely<CentralTables>, id: string, name: string | null): Promise<void> => {
  await sql`insert into messaging_groups (id, channel_type, platform_id, name, created_at)
    values (${id}, 'telegram', ${`telegram:${id}`}, ${name}, ${at})`.execute(db);
};

describe.each([
  { database: "SQLite", empty: onSqlite },
  { database: "PostgreSQL", empty: onPostgres },
])("on $database", ({ empty }) => {
  test("the step to several bots keeps each row that refers to a chat, and the keys to it", async (context) => {
    const db = await empty(context);
    await upTo(db, 8);
    await oldChat(db, "mg-1", null);
    for (const table of tablesBefore11) if (table !== "messaging_groups") await addRowBefore11(db, table);
    await upTo(db, 9);
    for (const table of tablesBefore11)
      expect({ table, rows: await db.selectFrom(table).selectAll().execute() }).toMatchObject({ rows: [{}] });
    expect(await db.selectFrom("messaging_groups").selectAll().execute()).toEqual([
      {
        id: "mg-1",
        channel_type: "telegram",
        platform_id: "telegram:mg-1",
        instance: "",
        name: null,
        is_group: 0,
        unknown_sender_policy: "strict",
        created_at: at,
      },
    ]);
    const lost = { id: "wi-9", agent_group_id: "ag-1", messaging_group_id: "mg-9" };
    await expect(addRow(db, "messaging_group_agents", lost)).rejects.toThrow(/foreign key/i);
    await db.deleteFrom("messaging_groups").execute();
    expect(await db.selectFrom("messaging_group_agents").select("id").execute()).toEqual([]);
    expect(await db.selectFrom("sessions").select("id").execute()).toEqual([]);
    expect(await db.selectFrom("dropped_messages").select("messaging_group_id").execute()).toEqual([
      { messaging_group_id: null },
    ]);
  });

  test("after it a chat is there once for each bot", async (context) => {
    const db = await empty(context);
    await upTo(db, 9);
    await addRowBefore11(db, "messaging_groups");
    await addRowBefore11(db, "messaging_groups", { id: "mg-2", instance: "work" });
    for (const instance of ["", "work"])
      await expect(addRowBefore11(db, "messaging_groups", { id: "mg-3", instance })).rejects.toThrow(
        /constraint/i,
      );
  });

  test("each wiring without a destination gets one, named as a new wiring names it", async (context) => {
    const db = await empty(context);
    await upTo(db, 8);
    for (const id of ["ag-1", "ag-2"]) await addRow(db, "agent_groups", { id, folder: id });
    await oldChat(db, "mg-1", "Family chat");
    await oldChat(db, "mg-2", "Family chat");
    await oldChat(db, "mg-3", null);
    await oldChat(db, "mg-4", "Work");
    const wire = (id: string, agent_group_id: string, messaging_group_id: string, created_at = at) =>
      addRow(db, "messaging_group_agents", { id, agent_group_id, messaging_group_id, created_at });
    // The older wiring gets the better name.
    await wire("wi-1", "ag-1", "mg-1", "2026-11-20T09:00:00.000Z");
    await wire("wi-2", "ag-1", "mg-2");
    await wire("wi-3", "ag-1", "mg-3");
    await wire("wi-4", "ag-1", "mg-4");
    await wire("wi-5", "ag-2", "mg-1");
    const own = { agent_group_id: "ag-1", local_name: "boss", target_id: "mg-4" };
    await addRow(db, "agent_destinations", own);
    // A name that leads to an agent is taken, and leads to no chat.
    const agent = { agent_group_id: "ag-2", local_name: "family-chat", target_type: "agent" };
    await addRow(db, "agent_destinations", { ...agent, target_id: "ag-1" });
    await upTo(db, 10);
    const found = await db.selectFrom("agent_destinations").selectAll().orderBy("agent_group_id").execute();
    const shown = found.map((one) => `${one.agent_group_id} ${one.local_name} ${one.target_id}`);
    expect(shown.toSorted()).toEqual([
      "ag-1 boss mg-4",
      "ag-1 family-chat mg-2",
      "ag-1 family-chat-2 mg-1",
      "ag-1 telegram-mg-3 mg-3",
      "ag-2 family-chat ag-1",
      "ag-2 family-chat-2 mg-1",
    ]);
    expect(found.find(({ local_name }) => local_name === "family-chat-2")?.created_at).toContain(
      "2026-11-20",
    );
  });

  test("of several active sessions of a chat the one active last stays, the others are closed", async (context) => {
    const db = await empty(context);
    await upTo(db, 10);
    await addRow(db, "agent_groups");
    await addRowBefore11(db, "messaging_groups");
    const session = (id: string, changes: object) => addRowBefore11(db, "sessions", { id, ...changes });
    await session("old", { last_active: "2026-11-20T09:00:00.000Z", container_status: "running" });
    await session("newest", { last_active: "2026-11-20T11:00:00.000Z" });
    await session("closed", { last_active: "2026-11-20T12:00:00.000Z", status: "closed" });
    await session("never", { container_status: "idle" });
    // Another thread, no chat, twice no chat: made later counts where nothing was ever active.
    await session("thread", { thread_id: "t-1" });
    await session("none", { messaging_group_id: null });
    await session("none-later", { messaging_group_id: null, created_at: "2026-11-20T08:00:01.000Z" });
    await addRowBefore11(db, "pending_approvals", { session_id: "old" });
    await upTo(db, 11);
    const found = await db.selectFrom("sessions").selectAll().orderBy("id").execute();
    const shown = found.map(({ id, status, container_status }) => `${id} ${status} ${container_status}`);
    expect(shown).toEqual([
      "closed closed stopped",
      "never closed stopped",
      "newest active stopped",
      "none closed stopped",
      "none-later active stopped",
      "old closed stopped",
      "thread active stopped",
    ]);
    expect(found[0]).toMatchObject({ incarnation: 0, container_ref: null, image: null });
    expect(await db.selectFrom("pending_approvals").select(["session_id", "kind"]).execute()).toEqual([
      { session_id: "old", kind: "command" },
    ]);
    for (const row of [{}, { thread_id: "t-1" }, { messaging_group_id: null }])
      await expect(addRow(db, "sessions", { id: "one-more", ...row })).rejects.toThrow(/constraint/i);
    await addRow(db, "sessions", { id: "one-more", thread_id: "t-2" });
  });

  test("a group's old provider moves into its configuration, which wins where it names one", async (context) => {
    const db = await empty(context);
    await upTo(db, 15);
    const store = containerConfigStore<CentralTables>(db, { now: () => at });
    const group = async (id: string, agent_provider: string | null, provider?: string) => {
      await addRow(db, "agent_groups", { id, folder: id, agent_provider });
      if (provider !== undefined) await store.create(id, provider === "" ? {} : { provider });
    };
    await group("ag-1", "Codex", "");
    await group("ag-2", "codex", "gemini");
    await group("ag-3", "", "");
    await group("ag-4", "skynet", "");
    await group("ag-5", "codex");
    await upTo(db, 16);
    const groups = await db
      .selectFrom("agent_groups")
      .select(["id", "agent_provider"])
      .orderBy("id")
      .execute();
    expect(groups.map(({ id, agent_provider }) => `${id} ${agent_provider}`)).toEqual([
      "ag-1 null",
      "ag-2 null",
      "ag-3 null",
      "ag-4 skynet",
      "ag-5 codex",
    ]);
    const saved = (await store.getAll()).map((one) =>
      one.ok ? [one.value.provider, one.value.generation] : [],
    );
    expect(saved).toEqual([
      ["codex", 2],
      ["gemini", 1],
      [null, 1],
      [null, 1],
    ]);
    expect(await store.history("ag-1")).toMatchObject([
      { generation: 2, change: "update", actor: "host", fields: ["provider"] },
      { generation: 1 },
    ]);
  });
});

test("on SQLite a step that leaves rows which refer to none is undone whole, and keys are checked again", async (context) => {
  const db = await onSqlite(context);
  await upTo(db, 11);
  await addRow(db, "agent_groups");
  await addRowBefore11(db, "messaging_groups");
  await addRow(db, "messaging_group_agents");
  const faulty = {
    version: 12,
    name: "faulty",
    replacesTable: true,
    up: async (within: Kysely<unknown>) => void (await sql`delete from messaging_groups`.execute(within)),
  } as const;
  await expect(applyMigrations(db, [faulty], () => at)).rejects.toThrow("would leave 1 rows");
  expect(await db.selectFrom("messaging_groups").select("id").execute()).toEqual([{ id: "mg-1" }]);
  expect(await db.selectFrom("schema_version").select("version").where("version", "=", 12).execute()).toEqual(
    [],
  );
  const lost = { id: "wi-9", messaging_group_id: "mg-9" };
  await expect(addRow(db, "messaging_group_agents", lost)).rejects.toThrow(/foreign key/i);
});
