import Libsql from "libsql";
import { describe, expect, test } from "vitest";
import { pathsOf } from "./paths.ts";
import { answer, at, message, projection } from "./session-messages.fixture.ts";
import { must, session } from "./session.fixture.ts";

/** The statements that ends gave to SQLite while `run` ran, once each. */
const statementsOf = async (run: () => Promise<void>): Promise<readonly string[]> => {
  const seen = new Set<string>();
  const { prepare } = Libsql.prototype;
  Libsql.prototype.prepare = function (this: Libsql.Database, sql: string) {
    seen.add(sql);
    return prepare.call(this, sql);
  } as typeof prepare;
  try {
    await run();
  } finally {
    Libsql.prototype.prepare = prepare;
  }
  return [...seen];
};

/** Tables that grow with history. The others have a row, or a row for each destination or open message. */
const growing =
  /\bSCAN (?:m|a|messages_in|messages_out|processing_ack|delivered|session_state)\b(?! USING (?:COVERING )?INDEX messages_in_(?:wake|untold|due|next|system))/;

const everything = async (): Promise<{ readonly folder: string; readonly statements: readonly string[] }> => {
  const { folder, host: openHost, agent: openAgent } = session();
  const [host, agent] = [openHost(), openAgent()];
  must(await host.project(projection(1)));
  must(await agent.set("x", 1, at));
  const statements = await statementsOf(async () => {
    must(await host.send([message("m"), message("n"), message("s", { kind: "system" })]));
    must(await agent.receive({ isFirst: true, limit: 10, now: at }));
    must(await agent.receiveSystem(10));
    const processing = ["m", "n"].map((id) => ({ id, status: "processing", reason: null }) as const);
    must(
      await agent.commit({
        acknowledgements: processing,
        messages: [answer("a"), answer("b", { deliverAfter: "2030-01-01T00:00:00.000Z" })],
        now: at,
      }),
    );
    must(await host.state(at));
    must(await host.waiting({ limit: 10, now: at }));
    must(await host.unanswered({ limit: 10 }));
    must(
      await agent.commit({
        acknowledgements: [{ id: "m", status: "failed", reason: "x" }],
        messages: [],
        now: at,
      }),
    );
    must(await host.state(at));
    must(await host.receive({ limit: 10, now: at }));
    must(await host.acknowledge([{ id: "a", status: "delivered", platformMessageId: null, at }]));
    must(await host.release({ now: at, maxTries: 2, backoffMs: () => 0 }));
    must(await host.state(at));
    must(await host.lastSource("g-2"));
    must(await host.origin("m"));
    must(await agent.get("x"));
  });
  return { folder, statements };
};

describe("no statement reads history", () => {
  test("each statement of both ends finds its rows by a key or a partial index", async () => {
    const { folder, statements } = await everything();
    const { inbound, outbound } = pathsOf(folder);
    const host = new Libsql(inbound);
    const agent = new Libsql(outbound);
    agent.exec(`attach '${inbound}' as inbound`);
    const queries = statements.filter(
      (sql) => /^\s*(select|insert|update|delete)/i.test(sql) && !/sqlite_schema|pragma_/.test(sql),
    );
    expect(queries.length).toBeGreaterThan(25);
    const scans: string[] = [];
    for (const sql of queries) {
      const isAgents = /inbound\.|main\.|processing_ack|messages_out\b|session_state|container_state/.test(
        sql,
      );
      const plan = (isAgents ? agent : host)
        .prepare(`explain query plan ${sql}`)
        .all(Array.from(sql.matchAll(/\?/g), () => null));
      for (const { detail } of plan as { detail: string }[])
        if (growing.test(detail) || (detail.includes("TEMP B-TREE") && !sql.includes("from claims")))
          scans.push(`${detail}: ${sql}`);
    }
    host.close();
    agent.close();
    expect(scans).toEqual([]);
  });
});
