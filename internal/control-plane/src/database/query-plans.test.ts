import { sql } from "kysely";
import { expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "./central.fixture.ts";

/** How SQLite would answer a query, a line for each step. */
const planOf = async (query: string): Promise<string> => {
  const { db } = await openedCentral(temporaryFolder());
  const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(db);
  return rows.map(({ detail }) => detail).join("\n");
};

test.for([
  { table: "sessions", where: "1 = 1", order: "created_at desc, id desc" },
  { table: "sessions", where: "agent_group_id = 'a'", order: "created_at desc, id desc" },
  { table: "sessions", where: "messaging_group_id = 'm'", order: "created_at desc, id desc" },
  { table: "sessions", where: "status = 'active'", order: "created_at desc, id desc" },
  { table: "sessions", where: "container_status = 'running'", order: "created_at desc, id desc" },
  { table: "intents", where: "1 = 1", order: "created_at desc, id desc" },
  { table: "intents", where: "agent_group_id = 'a'", order: "created_at desc, id desc" },
  { table: "decisions", where: "1 = 1", order: "at desc, id desc" },
])(
  "lists $table where $where newest first from an index, and sorts nothing",
  async ({ table, where, order }) => {
    const plan = await planOf(`select * from ${table} where ${where} order by ${order} limit 200`);
    expect(plan).toContain("USING INDEX");
    if (where !== "1 = 1") expect(plan).toMatch(/^SEARCH/);
    expect(plan).not.toContain("TEMP B-TREE");
  },
);

test.for([
  {
    what: "messages of a local chat after a place in it",
    query: "select * from local_messages where platform_id = 'ana' and seq > 7 order by seq limit 50",
  },
  {
    what: "the last place in a local chat",
    query: "select max(seq) from local_messages where platform_id = 'ana'",
  },
  {
    what: "messages of people that wait",
    query: "select * from local_messages where direction = 'in' and routed_at is null order by at, id",
  },
  {
    what: "held messages of an answered approval",
    query:
      "select message from held_messages join pending_approvals using (approval_id) where ended_at is null and status <> 'pending' order by held_messages.approval_id",
  },
  {
    what: "a stranger's waiting message",
    query:
      "select message_id from held_messages where messaging_group_id = 'mg-1' and user_id = 'telegram:7'",
  },
  { what: "open cards", query: "select * from approval_cards where closed_at is null order by approval_id" },
  {
    what: "the active session of a chat",
    query: `select * from sessions where agent_group_id = 'a' and coalesce(messaging_group_id, '') = 'm'
      and coalesce(thread_id, '') = '' and status = 'active'`,
  },
  { what: "a host's leases", query: "select * from session_leases where owner = 'h' and expires_at > 'x'" },
])("finds $what by an index, and sorts nothing", async ({ query }) => {
  const plan = await planOf(query);
  expect(plan).toMatch(/^SEARCH .*INDEX/);
  expect(plan).not.toContain("TEMP B-TREE");
});

test.for(["agent_groups", "messaging_groups"])(
  "finds all that hangs on a row of %s by an index, when it is deleted",
  async (table) => {
    const plan = await planOf(`delete from ${table} where id = 'x'`);
    expect(plan).not.toContain("SCAN");
    expect(plan).toContain("SEARCH sessions");
  },
);
