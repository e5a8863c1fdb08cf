import { sql, type Kysely } from "kysely";
import { describe, expect, test, type TestContext } from "vitest";
import { migrate, readSchema } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { later, present } from "./one-more.fixture.ts";
import { addRow, sampleTables, type SampleTable } from "./sample-rows.fixture.ts";
import type { CentralTables } from "./tables.ts";

/**
 * The tests of the schema, for any database. `openEmpty` opens an empty database for the test, or skips the
 * test.
 */
export const describeSchema = (
  database: string,
  openEmpty: (context: TestContext) => Promise<Kysely<CentralTables>>,
): void => {
  /** A migrated database with one row in every table. */
  const filled = async (context: TestContext): Promise<Kysely<CentralTables>> => {
    const db = await openEmpty(context);
    await migrate(db);
    for (const table of sampleTables) await addRow(db, table);
    return db;
  };
  const countsOf = async (db: Kysely<CentralTables>): Promise<Record<string, number>> =>
    Object.fromEntries(
      await Promise.all(
        sampleTables.map(async (table) => {
          const counted = db.selectFrom(table).select(({ fn }) => fn.countAll().as("count"));
          return [table, Number((await counted.executeTakeFirstOrThrow()).count)] as const;
        }),
      ),
    );

  const tags = database === "SQLite" ? [] : ["rest"];
  describe(`the schema on ${database}`, { tags }, () => {
    test("is made in an empty database, and is then current", async (context) => {
      const db = await openEmpty(context);
      expect(await readSchema(db)).toEqual({ ok: true, value: { version: 0, isCurrent: false } });
      await migrate(db);
      expect(await readSchema(db)).toEqual({ ok: true, value: { version: present, isCurrent: true } });
    });

    test("is left as it is by a second migration", async (context) => {
      const db = await filled(context);
      await migrate(db);
      expect(await db.selectFrom("schema_version").select("name").execute()).toEqual(
        Object.keys(migrations).map((name) => ({ name })),
      );
      expect((await countsOf(db))["agent_groups"]).toBe(1);
    });

    test.for([
      {
        what: "a build with the version in a column",
        make: (db: Kysely<CentralTables>) =>
          sql`create table schema_version (version integer, name text, applied_at text)`.execute(db),
        error: { code: "schema-too-old" },
      },
      {
        what: "a build with an older number in the name of its schema",
        make: async (db: Kysely<CentralTables>) => {
          await migrate(db);
          await db
            .updateTable("schema_version")
            .set({ name: "000-schema" })
            .where("name", "like", "%-schema")
            .execute();
        },
        error: { code: "schema-too-old" },
      },
      {
        what: "nanoclaw",
        make: (db: Kysely<CentralTables>) =>
          sql`create table schema_version (version integer, name text, applied text)`.execute(db),
        error: { code: "not-a-central-database", tables: ["schema_version"] },
      },
      {
        what: "a later build",
        make: async (db: Kysely<CentralTables>) => {
          await migrate(db);
          await db
            .insertInto("schema_version")
            .values({ name: `${later}-later`, timestamp: "" })
            .execute();
        },
        error: { code: "newer-schema", found: later, known: present },
      },
    ])("is refused if it is that of $what", async ({ make, error }, context) => {
      const db = await openEmpty(context);
      await make(db);
      expect(await readSchema(db)).toEqual({ ok: false, error });
    });

    test("deletes the rows of an agent group with the group", async (context) => {
      const db = await filled(context);
      await db.deleteFrom("agent_groups").where("id", "=", "ag-1").execute();
      expect(await countsOf(db)).toEqual({
        agent_groups: 0,
        messaging_groups: 1,
        messaging_group_agents: 0,
        tool_rules: 0,
        users: 1,
        user_roles: 0,
        agent_group_members: 0,
        agent_destinations: 0,
        user_dms: 1,
        dropped_messages: 1,
        sessions: 0,
        pending_approvals: 0,
        decisions: 1,
        log_head: 1,
        log_gaps: 1,
        file_users: 1,
        intents: 1,
        leases: 0,
        machines: 0,
        shared_settings: 1,
        installation: 1,
        hosts: 1,
        successions: 1,
        refused_people: 1,
        local_messages: 1,
        messenger_bots: 1,
        messenger_chats: 1,
        messenger_updates: 1,
        messenger_sends: 1,
        approval_cards: 0,
        refused_senders: 0,
        // These stay: the vendor has charged them.
        usage: 1,
        usage_days: 1,
        usage_person_days: 1,
        tasks: 0,
        task_runs: 0,
        owner_notices: 1,
        // These stay: the host first tells the senders of unanswered messages, and then deletes the rows.
        session_transport: 1,
        session_messages_in: 1,
        session_messages_out: 1,
        session_values: 1,
        session_tokens: 1,
        session_files: 1,
        session_file_chunks: 1,
      });
      expect(await db.selectFrom("dropped_messages").select("agent_group_id").execute()).toEqual([
        { agent_group_id: null },
      ]);
    });

    test("deletes the wirings and sessions of a chat with the chat", async (context) => {
      const db = await filled(context);
      await db.deleteFrom("messaging_groups").where("id", "=", "mg-1").execute();
      expect(await countsOf(db)).toMatchObject({
        agent_groups: 1,
        messaging_group_agents: 0,
        user_dms: 0,
        dropped_messages: 1,
        sessions: 0,
      });
    });

    test("keeps the roles that a deleted user granted to others", async (context) => {
      const db = await filled(context);
      await addRow(db, "users", { id: "telegram:2" });
      await addRow(db, "user_roles", { user_id: "telegram:2", granted_by: "telegram:1" });
      await db.deleteFrom("users").where("id", "=", "telegram:1").execute();
      expect(await db.selectFrom("user_roles").select(["user_id", "granted_by"]).execute()).toEqual([
        { user_id: "telegram:2", granted_by: null },
      ]);
    });

    test.for<{ what: string; table: SampleTable; row: Readonly<Record<string, unknown>> }>([
      { what: "a second group with the same folder", table: "agent_groups", row: { id: "ag-2" } },
      {
        what: "a folder that differs in case only",
        table: "agent_groups",
        row: { id: "ag-2", folder: "TEAM" },
      },
      { what: "a second row for the same chat", table: "messaging_groups", row: { id: "mg-2" } },
      { what: "a second wiring of a group in a chat", table: "messaging_group_agents", row: { id: "wi-2" } },
      { what: "a second row for the same role in a group", table: "user_roles", row: {} },
      { what: "a role in an unknown group", table: "user_roles", row: { agent_group_id: "ag-9" } },
      {
        what: "a second destination with the same name",
        table: "agent_destinations",
        row: { target_id: "mg-9" },
      },
      {
        what: "a session of an unknown group",
        table: "sessions",
        row: { id: "se-2", agent_group_id: "ag-9" },
      },
      {
        what: "an unknown kind of chat",
        table: "messaging_groups",
        row: { id: "mg-2", platform_id: "2", is_group: 2 },
      },
      {
        what: "a person of a chat of several people",
        table: "messaging_groups",
        row: { id: "mg-2", platform_id: "2", is_group: 1, user_id: "telegram:1" },
      },
      {
        what: "an unknown policy for strangers",
        table: "messaging_groups",
        row: { id: "mg-2", platform_id: "2", unknown_sender_policy: "lax" },
      },
      { what: "an unknown role", table: "user_roles", row: { role: "king" } },
      {
        what: "an unknown type of target",
        table: "agent_destinations",
        row: { local_name: "it", target_type: "user" },
      },
      { what: "a second active session of a chat", table: "sessions", row: { id: "se-2" } },
      { what: "a lease on an unknown session", table: "leases", row: { session_id: "se-9" } },
      { what: "a second lease of a session", table: "leases", row: { owner: "host-2" } },
      { what: "a second message with the same id", table: "local_messages", row: { seq: 2 } },
      { what: "a second message at the same place of a chat", table: "local_messages", row: { id: "lm-2" } },
      {
        what: "an unknown direction of a message",
        table: "local_messages",
        row: { id: "lm-2", seq: 2, direction: "up" },
      },
      { what: "a repeated update of a messenger", table: "messenger_updates", row: { message_id: "other" } },
      { what: "a second row for a part of a message", table: "messenger_sends", row: { state: "waiting" } },
      { what: "an unknown state of a part", table: "messenger_sends", row: { part: 1, state: "odd" } },
      { what: "a card of an unknown approval", table: "approval_cards", row: { approval_id: "ap-9" } },
      {
        what: "a second card for the same person",
        table: "approval_cards",
        row: { platform_id: "telegram:2" },
      },
      {
        what: "a second refusal of the same sender",
        table: "refused_senders",
        row: { refused_by: "user:telegram:1" },
      },
      { what: "an unknown status of a session", table: "sessions", row: { id: "se-2", status: "half-open" } },
      {
        what: "an unknown status of a container",
        table: "sessions",
        row: { id: "se-2", container_status: "odd" },
      },
      {
        what: "an unknown status of an approval",
        table: "pending_approvals",
        row: { approval_id: "ap-2", status: "maybe" },
      },
      {
        what: "an unknown scope of an approval",
        table: "pending_approvals",
        row: { approval_id: "ap-2", scope: "all" },
      },
      { what: "an outcome without its time", table: "intents", row: { id: "in-2", outcome: "{}" } },
      { what: "an unknown effect of a decision", table: "decisions", row: { id: "de-2", effect: "shrug" } },
    ])("refuses $what", async ({ table, row }, context) => {
      const db = await filled(context);
      await expect(addRow(db, table, row)).rejects.toThrow(/constraint/i);
    });

    test("allows a role in all groups once, beside the same role in one group", async (context) => {
      const db = await filled(context);
      await addRow(db, "user_roles", { agent_group_id: null });
      await expect(addRow(db, "user_roles", { agent_group_id: null })).rejects.toThrow(/constraint/i);
      await addRow(db, "user_roles", { agent_group_id: null, role: "owner" });
    });
  });
};
