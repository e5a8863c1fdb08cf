import { settle } from "./outbound.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { must, outbound, projectionOf, start } from "../testing/contract-case.ts";
import { agentLimits } from "./agent-limits.ts";
import { openAgentSide } from "./agent-side.ts";
import { createMessageTables } from "@gatehouse/central-database/testing";
import { openHostSide, project } from "./host-side.ts";
import { sessionSignals } from "./session-signals.ts";
import type { CentralTables } from "@gatehouse/central-database";

const fixture = async () => {
  const folder = mkdtempSync(join(tmpdir(), "agent-limits-"));
  const opened = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createMessageTables(db);
  const side = { db, signals: sessionSignals(), sessionId: "s-1" };
  const host = openHostSide({ ...side, token: 1 });
  await must(host.transact(project(projectionOf())));
  return { host, agent: openAgentSide(side) };
};

const messages = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => outbound(`m-${from + index}`));

test("an agent may have a limited number of undelivered messages, and more after some are delivered", async () => {
  const { host, agent } = await fixture();
  const commit = (from: number, count: number) =>
    agent.commit({ acknowledgements: [], messages: messages(from, count), now: start });
  await must(commit(0, agentLimits.openMessages));
  expect(await commit(agentLimits.openMessages, 1)).toMatchObject({
    ok: false,
    error: { code: "unwritable", message: expect.stringContaining("wait to be delivered") as unknown },
  });
  // Messages that the agent has in work can still be ended.
  await must(agent.commit({ acknowledgements: [], messages: [], now: start }));
  const delivered = { id: "m-0", status: "delivered", platformMessageId: null, at: start } as const;
  await must(host.transact(settle([delivered])));
  await must(commit(agentLimits.openMessages, 1));
});

test("an agent may store a limited number of values, and may change and remove each", async () => {
  const { agent } = await fixture();
  for (let key = 0; key < agentLimits.values; key += 1) await must(agent.set(`k-${key}`, key, start));
  expect(await agent.set("more", 1, start)).toMatchObject({ ok: false, error: { code: "unwritable" } });
  await must(agent.set("k-0", "changed", start));
  await must(agent.set("k-1", undefined, start));
  await must(agent.set("more", 1, start));
  expect(await must(agent.get("k-0"))).toBe("changed");
});
