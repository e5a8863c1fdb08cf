import { sendToAgent } from "./insert-messages.ts";
import { dueMessages, settle } from "./outbound.ts";
import { answerQuestion, openQuestions } from "./questions.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import Libsql from "libsql";
import { expect, onTestFinished, test } from "vitest";
import { inbound, must, outbound, projectionOf, start } from "../testing/contract-case.ts";
import { openAgentSide } from "./agent-side.ts";
import { createMessageTables } from "@gatehouse/central-database/testing";
import { openHostSide, project } from "./host-side.ts";
import {
  lastSource,
  openMessagesAfter,
  originOf,
  releaseMessages,
  sessionState,
  waitingMessages,
  withdraw,
} from "./inbound.ts";
import { sessionSignals } from "./session-signals.ts";
import type { CentralTables } from "@gatehouse/central-database";
import { gatewayWorkloadOf, issueToken, revokeTokens, workloadOf } from "./session-tokens.ts";

/** The distinct statements that the driver received while `run` ran. */
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

test("no statement of either side reads history: each finds its rows by a key or a partial index", async () => {
  const folder = mkdtempSync(join(tmpdir(), "session-plans-"));
  const file = join(folder, "central.db");
  const opened = await openSqlite<CentralTables>(file);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createMessageTables(db);
  const side = { db, signals: sessionSignals(), sessionId: "s-1", token: 1 };
  const [host, agent, at] = [openHostSide(side), openAgentSide(side), start];
  const statements = await statementsOf(async () => {
    await must(host.transact(project(projectionOf())));
    const token = await must(host.transact(issueToken(1)));
    await workloadOf(db, token);
    await gatewayWorkloadOf(db, token);
    await must(agent.set("x", 1, at));
    await must(host.transact(sendToAgent([inbound("m"), inbound("n"), inbound("s", { kind: "system" })])));
    await must(agent.receive({ isFirst: true, limit: 10, now: at, offer: "o" }));
    await must(agent.receiveSystem(10));
    const processing = ["m", "n"].map((id) => ({ id, status: "processing", reason: null }) as const);
    const later = outbound("b", { deliverAfter: "2030-01-01T00:00:00.000Z" });
    await must(agent.commit({ acknowledgements: processing, messages: [outbound("a"), later], now: at }));
    await must(host.read(sessionState(at)));
    await must(host.read(waitingMessages({ limit: 10, now: at })));
    await must(host.read(openMessagesAfter({ limit: 10 })));
    const ofAna = { channelType: "local", platformId: "ana", threadId: null };
    await db
      .transaction()
      .execute((transaction) => withdraw(transaction, "s-1", { id: "w", sender: "local:ana", ...ofAna }));
    const failed = { id: "m", status: "failed", reason: "x" } as const;
    await must(agent.commit({ acknowledgements: [failed], messages: [], now: at }));
    await must(host.read(sessionState(at)));
    await must(host.read(dueMessages({ limit: 10, now: at })));
    await must(host.transact(settle([{ id: "a", status: "delivered", platformMessageId: null, at }])));
    await must(host.transact(releaseMessages({ now: at, maxTries: 2, backoffMs: () => 0 })));
    await must(host.read(sessionState(at)));
    await must(host.read(lastSource("g-2")));
    await must(host.read(originOf("m")));
    await must(agent.get("x"));
    await must(agent.ask({ id: "q", content: 1, askedAt: at }));
    await must(agent.answerTo("q"));
    await must(host.read(openQuestions));
    await must(host.transact(answerQuestion("q", 1, at)));
    await revokeTokens(db, { sessionId: "s-1", incarnation: 1 });
  });
  const queries = statements.filter((sql) => /^\s*(select|insert|update|delete)/i.test(sql));
  expect(queries.length).toBeGreaterThan(25);
  const explaining = new Libsql(file);
  const scans = queries.flatMap((sql) => {
    const plan = explaining
      .prepare(`explain query plan ${sql}`)
      .all(Array.from(sql.matchAll(/\?/g), () => null)) as { readonly detail: string }[];
    return plan
      .filter(({ detail }) => /^SCAN (?!\d+ CONSTANT|CONSTANT)/.test(detail))
      .map(({ detail }) => `${detail}: ${sql}`);
  });
  explaining.close();
  expect(scans).toEqual([]);
});
