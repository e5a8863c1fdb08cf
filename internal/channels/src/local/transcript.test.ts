import { onPostgres, openedCentral, temporaryFolder } from "@gatehouse/control-plane/testing";
import { sql } from "kysely";
import { expect, test } from "vitest";

const chat = "platform_id = 'ana'";

test.for([
  {
    what: "the next message to hand over",
    query: `select * from local_messages where direction = ? and routed_at is null and ${chat} order by seq limit 50`,
    search: /\(platform_id=\? AND direction=\? AND routed_at=\?\)/,
  },
  {
    what: "what is new in a chat",
    query: `select * from local_messages where ${chat} and seq > 7 and direction = ? order by seq limit 50`,
    search: /\(platform_id=\? AND seq>\?\)/,
  },
])("$what is found without a walk over the chat's history", async ({ query, search }, { skip }) => {
  skip(onPostgres, "PostgreSQL scans an empty table, index or not");
  const { db } = await openedCentral(temporaryFolder());
  const plan = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(db);
  const steps = plan.rows.map(({ detail }) => detail).join("\n");
  expect(steps).toMatch(search);
  expect(steps).not.toContain("TEMP B-TREE");
});
