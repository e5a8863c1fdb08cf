import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { must, outbound, projectionOf, start } from "../../testing/contract-case.ts";
import { openAgentSide } from "./agent-side.ts";
import { createSessionTables } from "./create-session-tables.ts";
import { openHostSide } from "./host-side.ts";
import { sessionSignals } from "./session-signals.ts";
import type { SessionTables } from "./session-tables.ts";
import { issueToken, revokeTokens, workloadOf } from "./session-tokens.ts";

const database = async () => {
  const folder = mkdtempSync(join(tmpdir(), "session-tokens-"));
  const opened = await openSqlite<SessionTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createSessionTables(db);
  return db;
};

type Db = Awaited<ReturnType<typeof database>>;

/** The token of an incarnation, by the host that has this lease. */
const tokenOf = (db: Db, sessionId: string, incarnation: number, token = 1): Promise<string> =>
  must(issueToken({ db, signals: sessionSignals(), sessionId, token }, incarnation));

describe("a workload's token", () => {
  test("names its session and incarnation, and is not in the database", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 3);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(await workloadOf(db, token)).toEqual({ sessionId: "s-1", incarnation: 3 });
    const rows = await db.selectFrom("session_tokens").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test("ends with the next one of its session, and with no other session's", async () => {
    const db = await database();
    const old = await tokenOf(db, "s-1", 1);
    const other = await tokenOf(db, "s-2", 1);
    const young = await tokenOf(db, "s-1", 2);
    expect(await workloadOf(db, old)).toBeNull();
    expect(await workloadOf(db, young)).toMatchObject({ incarnation: 2 });
    expect(await workloadOf(db, other)).toMatchObject({ sessionId: "s-2" });
  });

  test("ends when it is revoked", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 1);
    await revokeTokens(db, { sessionId: "s-1", incarnation: 1 });
    expect(await workloadOf(db, token)).toBeNull();
  });

  test("is not ended by the end of an earlier incarnation", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 2);
    await revokeTokens(db, { sessionId: "s-1", incarnation: 1 });
    expect(await workloadOf(db, token)).toMatchObject({ incarnation: 2 });
  });

  test("is not made by a host that another one has outrun, and the other's stays", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 2, 7);
    const outrun = { db, signals: sessionSignals(), sessionId: "s-1", token: 6 };
    expect(await issueToken(outrun, 3)).toMatchObject({ ok: false, error: { code: "fenced" } });
    expect(await workloadOf(db, token)).toMatchObject({ incarnation: 2 });
  });

  test.each(["", "s-1", "a".repeat(43)])("is not %j, which was made up", async (token) => {
    const db = await database();
    await tokenOf(db, "s-1", 1);
    expect(await workloadOf(db, token)).toBeNull();
  });

  test("binds an agent to its incarnation, also where a newer one was projected before it connects", async () => {
    const db = await database();
    const [signals, sessionId] = [sessionSignals(), "s-1"];
    const host = openHostSide({ db, signals, sessionId, token: 1 });
    await must(host.project(projectionOf({ incarnation: 2 })));
    const late = openAgentSide({ db, signals, sessionId, incarnation: 1 });
    const refused = await late.commit({ acknowledgements: [], messages: [outbound("late")], now: start });
    expect(refused).toMatchObject({ ok: false, error: { code: "fenced" } });
  });
});
