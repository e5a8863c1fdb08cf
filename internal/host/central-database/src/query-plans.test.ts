import { sql } from "kysely";
import { expect, test } from "vitest";
import { onPostgres, openedCentral, temporaryFolder } from "./central.fixture.ts";
import { planOf } from "./query-plan.fixture.ts";

/** The plan for a query on an empty database, one line for each step. */
const planFor = async (query: string): Promise<string> =>
  planOf((await openedCentral(temporaryFolder())).db, query);

test.for([
  { table: "sessions", where: "1 = 1", order: "created_at desc, id desc" },
  { table: "sessions", where: "agent_group_id = 'a'", order: "created_at desc, id desc" },
  { table: "sessions", where: "messaging_group_id = 'm'", order: "created_at desc, id desc" },
  { table: "sessions", where: "status = 'active'", order: "created_at desc, id desc" },
  { table: "sessions", where: "container_status = 'running'", order: "created_at desc, id desc" },
  { table: "intents", where: "1 = 1", order: "created_at desc, id desc" },
  { table: "intents", where: "agent_group_id = 'a'", order: "created_at desc, id desc" },
  { table: "decisions", where: "1 = 1", order: "at desc, id desc" },
])("a list of $table where $where uses an index for its order", async ({ table, where, order }) => {
  const plan = await planFor(`select * from ${table} where ${where} order by ${order} limit 200`);
  expect(plan).toMatch(onPostgres ? /Index Scan Backward using/ : /USING INDEX/);
  if (where !== "1 = 1") expect(plan).toMatch(onPostgres ? /Index Cond/ : /^SEARCH/);
  expect(plan).not.toMatch(/TEMP B-TREE|Sort/);
});

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
    what: "messages of people that are not routed yet",
    query: "select * from local_messages where direction = 'in' and routed_at is null order by at, id",
  },
  {
    what: "the waiting updates of a messenger's chat",
    query: `select * from messenger_updates where type = 'telegram' and bot = '' and routed_at is null
      and chat = 'telegram:1' order by update_id`,
  },
  {
    what: "the count of a bot's waiting updates",
    query: `select count(*), min(at) from messenger_updates where type = 'telegram' and bot = '' and routed_at is null`,
  },
  {
    what: "the message of a pressed button",
    query: `select * from messenger_sends where type = 'telegram' and bot = '' and chat = 'telegram:1'
      and platform_message_id = '5'`,
  },
  {
    what: "local messages that wait for an answer",
    query: "select count(*) from local_messages where waits_for = 'ap-1'",
  },
  {
    what: "updates that wait for an answer",
    query: "select count(*) from messenger_updates where waits_for = 'ap-1'",
  },
  {
    what: "the question about a stranger in a chat",
    query:
      "select approval_id from pending_approvals where messaging_group_id = 'mg-1' and sender_id = 'telegram:7'",
  },
  { what: "open cards", query: "select * from approval_cards where closed_at is null order by approval_id" },
  {
    what: "the active session of a chat",
    query: `select * from sessions where agent_group_id = 'a' and coalesce(messaging_group_id, '') = 'm'
      and coalesce(thread_id, '') = '' and status = 'active'`,
  },
  { what: "a host's leases", query: "select * from leases where owner = 'h' and expires_at > 'x'" },
])("a query for $what uses an index, also for its order", async ({ query }) => {
  const plan = await planFor(query);
  expect(plan).toMatch(onPostgres ? /Index Cond/ : /^SEARCH .*INDEX/);
  // PostgreSQL does not treat null as an equal value: for `is null` it sorts the few rows that the index
  // found.
  expect(plan).not.toMatch(query.includes("is null") ? /TEMP B-TREE|Seq Scan/ : /TEMP B-TREE|Seq Scan|Sort/);
});

/** The foreign keys to a table that no index serves. PostgreSQL's plans do not show them. */
const keysWithoutIndex = async (table: string): Promise<readonly unknown[]> => {
  const { db } = await openedCentral(temporaryFolder());
  const { rows } = await sql`
    select conrelid::regclass as from, conname as key from pg_constraint
    where contype = 'f' and confrelid = ${table}::regclass and not exists (
      select from pg_index where indrelid = conrelid and indkey[0] = conkey[1])`.execute(db);
  return rows;
};

test.for(["agent_groups", "messaging_groups"])(
  "a deletion of a row of %s finds the rows that refer to it by an index",
  async (table) => {
    if (onPostgres) return expect(await keysWithoutIndex(table)).toEqual([]);
    const plan = await planFor(`delete from ${table} where id = 'x'`);
    expect(plan).not.toContain("SCAN");
    expect(plan).toContain("SEARCH sessions");
  },
);
