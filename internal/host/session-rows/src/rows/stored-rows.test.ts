import { markTold } from "./inbound.ts";
import { sendToAgent } from "./insert-messages.ts";
import { settle } from "./outbound.ts";
import { answerQuestion } from "./questions.ts";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { inbound, must, outbound, projectionOf, start } from "../testing/contract-case.ts";
import { openAgentSide } from "./agent-side.ts";
import { createMessageTables } from "@gatehouse/central-database/testing";
import { deleteEnded, sessionsWithRows } from "./stored-rows.ts";
import { openHostSide, project } from "./host-side.ts";
import { sessionSignals } from "./session-signals.ts";
import type { CentralTables } from "@gatehouse/central-database";

const opened = async () => {
  const folder = mkdtempSync(join(tmpdir(), "delete-ended-"));
  const path = join(folder, "central.db");
  const database = await openSqlite<CentralTables>(path);
  if (!database.ok) throw new Error(JSON.stringify(database.error));
  const { db, close } = database.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createMessageTables(db);
  const side = { db, signals: sessionSignals(), sessionId: "s-1" };
  const host = openHostSide({ ...side, token: 1 });
  await must(host.transact(project(projectionOf())));
  return { db, host, agent: openAgentSide(side), path, close };
};

const later = "2027-01-01T00:00:00.000Z";
const ids = async (db: Awaited<ReturnType<typeof opened>>["db"]) => {
  const tables = ["session_messages_in", "session_messages_out"] as const;
  const rows = await Promise.all(tables.map((table) => db.selectFrom(table).select("id").execute()));
  return rows.flat().map(({ id }) => id);
};

test("deletes messages that ended before the given time, and keeps waiting, untold and newer ones", async () => {
  const { db, host, agent } = await opened();
  await must(host.transact(sendToAgent(["done", "untold", "waits"].map((id) => inbound(id)))));
  await must(host.transact(sendToAgent([{ ...inbound("newer"), timestamp: later }])));
  const completed = (id: string) => ({ id, status: "completed", reason: null }) as const;
  const ended = ["done", "newer"].map(completed);
  const messages = ["sent", "unsent"].map((id) => outbound(id));
  await must(agent.commit({ acknowledgements: ended, messages, now: start }));
  await must(host.transact(markTold(["done", "newer"])));
  await must(agent.commit({ acknowledgements: [completed("untold")], messages: [], now: start }));
  await must(
    host.transact(settle([{ id: "sent", status: "delivered", platformMessageId: null, at: start }])),
  );
  expect(await sessionsWithRows(db)).toEqual(["s-1"]);
  expect(await deleteEnded(db, { sessionId: "s-1", before: later })).toBe(2);
  expect(await deleteEnded(db, { sessionId: "s-1", before: later })).toBe(0);
  expect(new Set(await ids(db))).toEqual(new Set(["untold", "waits", "newer", "unsent"]));
});

test("deletes questions that were answered before the given time, and keeps open ones", async () => {
  const { db, host, agent } = await opened();
  for (const id of ["old", "new", "open"]) await must(agent.ask({ id, content: {}, askedAt: start }));
  await must(host.transact(answerQuestion("old", "yes", start)));
  await must(host.transact(answerQuestion("new", "yes", later)));
  expect(await deleteEnded(db, { sessionId: "s-1", before: later })).toBe(1);
  expect((await ids(db)).toSorted()).toEqual(["new", "open"]);
});

test("leaves no text of a deleted message in the database's file", async () => {
  const { db, host, agent, path, close } = await opened();
  const secret = "the parrot sleeps at noon ".repeat(200);
  await must(host.transact(sendToAgent([{ ...inbound("m-1"), content: { text: secret } }])));
  const acknowledgements = [{ id: "m-1", status: "completed", reason: null }] as const;
  await must(agent.commit({ acknowledgements, messages: [], now: start }));
  await must(host.transact(markTold(["m-1"])));
  expect(await deleteEnded(db, { sessionId: "s-1", before: later })).toBe(1);
  await close();
  expect(readFileSync(path, "latin1")).not.toContain("the parrot");
});
