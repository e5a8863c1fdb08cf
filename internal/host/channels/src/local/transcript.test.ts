import { onPostgres, openedCentral, planOf, temporaryFolder } from "@gatehouse/central-database/testing";
import { sql } from "kysely";
import { expect, test } from "vitest";

/** A long chat of which only the last messages were not handed over. */
const fill = sql`
  insert into local_messages (id, seq, platform_id, direction, from_name, text, failed, routed_at, at)
  with recursive numbers (seq) as (select 1 union all select seq + 1 from numbers where seq < 2000)
  select 'lm-' || seq, seq, 'ana', case seq % 2 when 0 then 'in' else 'out' end, 'Ana', 'hello', 0,
    case when seq < 1990 then '2026' end, '2026' from numbers`;

const chat = "platform_id = 'ana'";

test.for([
  {
    what: "the next message to hand over",
    query: `select * from local_messages where direction = 'in' and routed_at is null and ${chat} order by seq limit 50`,
    sqlite: /\(platform_id=\? AND direction=\? AND routed_at=\?\)/,
    postgres:
      /Index Cond: \(\(platform_id = 'ana'::text\) AND \(direction = 'in'::text\) AND \(routed_at IS NULL\)\)/,
  },
  {
    what: "what is new in a chat",
    query: `select * from local_messages where ${chat} and seq > 7 and direction = 'out' order by seq limit 50`,
    sqlite: /\(platform_id=\? AND seq>\?\)/,
    postgres: /Index Cond: \(\(platform_id = 'ana'::text\) AND \(seq > 7\)\)/,
  },
  {
    what: "the last messages of a chat",
    query: `select min(seq) from (select seq from local_messages where ${chat} and seq <= 1995 and id not like 'x%' order by seq desc limit 10) as last`,
    sqlite: /\(platform_id=\? AND seq<\?\)/,
    postgres: /Index Cond: \(\(platform_id = 'ana'::text\) AND \(seq <= 1995\)\)/,
  },
  {
    what: "the past messages of a chat",
    query: `select * from local_messages where ${chat} and seq <= 1995 and id not like 'x%' and seq >= 1985 order by seq limit 20`,
    sqlite: /\(platform_id=\? AND seq>\? AND seq<\?\)/,
    postgres: /Index Cond: \(\(platform_id = 'ana'::text\) AND \(seq <= 1995\) AND \(seq >= 1985\)\)/,
  },
])("$what is found without reading the chat's history", async ({ query, sqlite, postgres }) => {
  const { db } = await openedCentral(temporaryFolder());
  await fill.execute(db);
  if (onPostgres) await sql`analyze local_messages`.execute(db);
  const plan = await planOf(db, query);
  expect(plan).toMatch(onPostgres ? postgres : sqlite);
  expect(plan).not.toContain("TEMP B-TREE");
});
