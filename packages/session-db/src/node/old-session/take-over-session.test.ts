import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { foreignReader, openSqlite } from "@gatehouse/sqlite";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { must } from "../../testing/contract-case.ts";
import { openAgentSide } from "../store/agent-side.ts";
import { createSessionTables } from "../store/create-session-tables.ts";
import { openHostSide } from "../store/host-side.ts";
import { sessionSignals } from "../store/session-signals.ts";
import type { SessionTables } from "../store/session-tables.ts";
import { isOldSession, takeOverSession } from "./take-over-session.ts";

/** Files that the last build with session files wrote; it was stopped in the middle of its work. */
const kept = fileURLToPath(
  new URL("../../../../../test-fixtures/sessions/files-of-2026-11", import.meta.url),
);

const now = "2026-11-23T12:00:00.000Z";

/** A copy of the files, and an empty database. */
const fixture = async () => {
  const folder = mkdtempSync(join(tmpdir(), "old-session-"));
  const files = join(folder, "se-old");
  cpSync(kept, files, { recursive: true });
  const opened = await openSqlite<SessionTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  await createSessionTables(db);
  const reader = foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]] });
  onTestFinished(async () => {
    await reader.close();
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  const side = { db, signals: sessionSignals(), sessionId: "se-old", token: 5 };
  return {
    ...{ db, files, reader, side },
    takeOver: () => takeOverSession(side, files, reader),
    host: openHostSide(side),
    agent: openAgentSide({ ...side, incarnation: 4 }),
  };
};

const projection = {
  identity: { sessionId: "se-old", groupId: "ag-1", groupName: "Ana", incarnation: 4, token: 5 },
  routing: { channelType: "local", platformId: "ana", threadId: null },
  destinations: [],
  toolRules: [],
};

const given = { isFirst: true, limit: 10, now };

describe("a session that was two files", { tags: ["slow"] }, () => {
  test("continues from its last state, and its files are removed", async () => {
    const { takeOver, files, host, agent, db } = await fixture();
    expect(isOldSession(files)).toBe(true);
    expect(await takeOver()).toEqual({ ok: true, value: { inbound: 6, outbound: 2 } });
    expect({ in: readdirSync(join(files, "in")), out: readdirSync(join(files, "out")) }).toEqual({
      in: [],
      out: [],
    });
    expect(isOldSession(files)).toBe(false);
    // One message had ended without being reported, one is due, one was in work: its container's exit counts
    // as no try.
    const state = await must(host.state(now));
    expect(state).toMatchObject({ ended: [{ id: "m-ended", status: "completed" }], due: 2, claims: [] });
    expect(state.nextDueAt).toBe("2099-01-01T00:00:00.000Z");
    const open = await must(host.receive({ limit: 10, now }));
    expect(open.map(({ id, wasClaimed }) => `${id} ${wasClaimed}`)).toEqual([
      "o-command true",
      "o-open false",
    ]);
    expect(await must(host.origin("a-asked"))).toMatchObject({ sourceSessionId: "se-other" });
    expect(await must(host.lastSource("ag-2"))).toBe("se-other");
    await must(host.project(projection));
    const batch = await must(agent.receive(given));
    expect(batch.map(({ id, tries }) => `${id} ${tries}`)).toEqual(["m-in-work 0", "m-due 0"]);
    expect(await must(agent.get("continuation:echo"))).toBe("conversation-1");
    const row = await db.selectFrom("session_transport").selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ incarnation: 4, seq: 15 });
  });

  test("is moved again after a kill between its rows and its files, and no message comes twice", async () => {
    const { takeOver, files, host, agent } = await fixture();
    await takeOver();
    await must(host.project(projection));
    const done = { id: "m-due", status: "completed", reason: null } as const;
    await must(agent.commit({ acknowledgements: [done], messages: [], now }));
    cpSync(kept, files, { recursive: true });
    expect(await takeOver()).toMatchObject({ ok: true });
    expect((await must(agent.receive(given))).map(({ id }) => id)).toEqual(["m-in-work"]);
  });

  test("whose agent never ran is moved without an outbound file", async () => {
    const { takeOver, files, host } = await fixture();
    rmSync(join(files, "out", "outbound.db"));
    expect(await takeOver()).toMatchObject({ ok: true, value: { outbound: 0 } });
    expect(await must(host.state(now))).toMatchObject({ due: 3 });
  });

  test.each([
    { what: "damaged", spoil: (file: string) => truncateSync(file, 20_000) },
    { what: "no database", spoil: (file: string) => writeFileSync(file, "no database ".repeat(1_000)) },
  ])("one of which is $what stays as it is, and is reported by name", async ({ spoil }) => {
    const { takeOver, files, db } = await fixture();
    const outbound = join(files, "out", "outbound.db");
    spoil(outbound);
    const taken = await takeOver();
    expect(taken).toMatchObject({ ok: false, error: expect.stringContaining(outbound) as unknown });
    expect([existsSync(outbound), isOldSession(files)]).toEqual([true, true]);
    expect(await db.selectFrom("session_messages_in").selectAll().execute()).toEqual([]);
  });

  test("stays as it is if another host has taken its lease", async () => {
    const { side, files, reader, host } = await fixture();
    await must(host.send([]));
    const outrun = await takeOverSession({ ...side, token: 4 }, files, reader);
    expect(outrun).toMatchObject({ ok: false, error: expect.stringContaining("Another host") as unknown });
    expect(isOldSession(files)).toBe(true);
  });
});
