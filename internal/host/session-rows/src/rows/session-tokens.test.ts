import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { must, outbound, projectionOf, start } from "../testing/contract-case.ts";
import { openAgentSide } from "./agent-side.ts";
import { createMessageTables } from "@gatehouse/central-database/testing";
import { openHostSide, project } from "./host-side.ts";
import { sessionSignals } from "./session-signals.ts";
import type { CentralTables } from "@gatehouse/central-database";
import { gatewayTokenOf } from "../messages/gateway-token.ts";
import { gatewayWorkloadOf, issueToken, revokeTokens, workloadOf } from "./session-tokens.ts";

const database = async () => {
  const folder = mkdtempSync(join(tmpdir(), "session-tokens-"));
  const opened = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createMessageTables(db);
  return db;
};

type Db = Awaited<ReturnType<typeof database>>;

/** The token of an incarnation, issued by the host with this lease. */
const tokenOf = (db: Db, sessionId: string, incarnation: number, token = 1): Promise<string> =>
  must(openHostSide({ db, signals: sessionSignals(), sessionId, token }).transact(issueToken(incarnation)));

describe("a workload's token", () => {
  test("names its session and incarnation, and is not in the database", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 3);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(await workloadOf(db, token)).toEqual({ sessionId: "s-1", incarnation: 3 });
    const rows = await db.selectFrom("session_tokens").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test("becomes invalid with the next token of its session, and with no token of another session", async () => {
    const db = await database();
    const old = await tokenOf(db, "s-1", 1);
    const other = await tokenOf(db, "s-2", 1);
    const young = await tokenOf(db, "s-1", 2);
    expect(await workloadOf(db, old)).toBeNull();
    expect(await workloadOf(db, young)).toMatchObject({ incarnation: 2 });
    expect(await workloadOf(db, other)).toMatchObject({ sessionId: "s-2" });
  });

  test("becomes invalid when it is revoked", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 1);
    await revokeTokens(db, { sessionId: "s-1", incarnation: 1 });
    expect(await workloadOf(db, token)).toBeNull();
  });

  test("stays valid when an earlier incarnation's tokens are revoked", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 2);
    await revokeTokens(db, { sessionId: "s-1", incarnation: 1 });
    expect(await workloadOf(db, token)).toMatchObject({ incarnation: 2 });
  });

  test("is not issued by a host whose lease another host has taken, and that host's token stays", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 2, 7);
    const outrun = openHostSide({ db, signals: sessionSignals(), sessionId: "s-1", token: 6 });
    expect(await outrun.transact(issueToken(3))).toMatchObject({ ok: false, error: { code: "fenced" } });
    expect(await workloadOf(db, token)).toMatchObject({ incarnation: 2 });
  });

  test.each(["invented", "s-1", "a".repeat(43)])("is not %j, an invented token", async (token) => {
    const db = await database();
    await tokenOf(db, "s-1", 1);
    expect(await workloadOf(db, token)).toBeNull();
  });

  test("binds an agent to its incarnation, also if a newer one was projected before it connects", async () => {
    const db = await database();
    const [signals, sessionId] = [sessionSignals(), "s-1"];
    const host = openHostSide({ db, signals, sessionId, token: 1 });
    await must(host.transact(project(projectionOf({ incarnation: 2 }))));
    const late = openAgentSide({ db, signals, sessionId, incarnation: 1 });
    const refused = await late.commit({ acknowledgements: [], messages: [outbound("late")], now: start });
    expect(refused).toMatchObject({ ok: false, error: { code: "fenced" } });
  });
});

describe("a workload's gateway token", () => {
  test("names the same workload to the gateway, and no other token does", async () => {
    const db = await database();
    const token = await tokenOf(db, "s-1", 3);
    await tokenOf(db, "s-2", 1);
    expect(await gatewayWorkloadOf(db, gatewayTokenOf(token))).toEqual({
      sessionId: "s-1",
      incarnation: 3,
      hasTrouble: false,
    });
    expect(await gatewayWorkloadOf(db, token)).toBeNull();
    expect(await workloadOf(db, gatewayTokenOf(token))).toBeNull();
    const rows = await db.selectFrom("session_tokens").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(gatewayTokenOf(token));
  });

  test("is derived as a runner of another build derives it", () =>
    expect(gatewayTokenOf("a")).toBe("6S_O-33rCE_Bwdbrh0OFv4Hy3mQGP_RizKXTyidwcEM"));

  test("becomes invalid with its workload's token", async () => {
    const db = await database();
    const tokens = [await tokenOf(db, "s-1", 1), await tokenOf(db, "s-1", 2)].map(gatewayTokenOf);
    const workloads = () => Promise.all(tokens.map((token) => gatewayWorkloadOf(db, token)));
    expect(await workloads()).toMatchObject([null, { sessionId: "s-1", incarnation: 2 }]);
    await revokeTokens(db, { sessionId: "s-1", incarnation: 2 });
    expect(await workloads()).toEqual([null, null]);
  });

  test.each(["", "null"])("is not %j for a token that is older than gateway tokens", async (shown) => {
    const db = await database();
    const old = { hash: "h", session_id: "s-1", incarnation: 1, gateway_hash: null };
    await db.insertInto("session_tokens").values(old).execute();
    expect(await gatewayWorkloadOf(db, shown)).toBeNull();
  });
});
