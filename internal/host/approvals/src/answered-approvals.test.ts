import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person } from "@gatehouse/dispatch/testing";
import { describe, expect, test } from "vitest";
import { answeredApprovals } from "./answered-approvals.ts";
import { countWaiting } from "./waiting-approvals.ts";

const update = ["groups", "config", "update", "--model", "opus"] as const;

/** A host with a request of the group `team`. */
const asked = async () => {
  const bed = await hostBed();
  const answer = await bed.ask(member, ...update);
  const id = answer.ok ? expect.fail("It was not held") : (answer.approvalId ?? "");
  const { db } = bed.central;
  const ended = (userId: string | null = null, limit = 10) => answeredApprovals(db, { userId }, limit);
  return { ...bed, db, id, ended };
};

describe("answeredApprovals", () => {
  test("has what was asked, who decided and when, the newest first, and nothing that waits", async () => {
    const { ok, ask, db, id, ended } = await asked();
    expect(await ended()).toEqual([]);
    await ok(person("owner"), "approvals", "reject", id);
    await ask(member, "groups", "config", "update", "--model", "sonnet");
    const [one, ...others] = await ended();
    expect(others).toEqual([]);
    expect(one).toEqual({
      id,
      kind: "command",
      group: "team",
      chat: "telegram:-1",
      asks: expect.stringMatching(/^ncl groups config update .*--model opus$/),
      lines: [expect.stringMatching(/^ncl groups config update .*--model opus$/)],
      names: [expect.stringMatching(/^--id is its own group "team"$/)],
      status: "rejected",
      by: "telegram:owner",
      byName: null,
      at: expect.any(String),
      why: null,
    });
    await db.updateTable("users").set({ display_name: "Ana" }).execute();
    expect((await ended())[0]?.byName).toBe("Ana");
  });

  test.each([
    { status: "rejected", result: { reason: "not now\u001b[2J" }, why: String.raw`not now\u001b[2J` },
    { status: "approved", result: { id: "x", ok: true, data: { allowed: "once" } }, why: null },
    {
      status: "approved",
      result: { id: "x", ok: true, data: { allowed: "always", rules: ["Bash(npm test *)"] } },
      why: "Always: Bash(npm test *)",
    },
    {
      status: "approved",
      result: { id: "x", ok: true, data: { allowed: "always" } },
      why: "Always: exactly this",
    },
    { status: "approved", result: { id: "x", ok: true, data: { answers: ["Red", "2"] } }, why: "Red; 2" },
    {
      status: "failed",
      result: { id: "x", ok: false, error: { code: "forbidden", message: "It has changed." } },
      why: "It has changed.",
    },
    { status: "expired", result: null, why: "No answer came in time." },
    { status: "expired", result: { reason: "It is no longer asked." }, why: "It is no longer asked." },
    { status: "rejected", result: "torn", why: null },
  ])("says why: $status, $why", async ({ status, result, why }) => {
    const { db, ended } = await asked();
    const answered_at = "2026-11-20T08:00:00.000Z";
    const stored = result === null || result === "torn" ? result : JSON.stringify(result);
    await db.updateTable("pending_approvals").set({ status, answered_at, result: stored }).execute();
    expect(await ended()).toMatchObject([{ status, why }]);
  });

  test("shows a person what they may see alone, as a waiting card", async () => {
    const { ok, db, id, ended } = await asked();
    await ok(operator, "approvals", "reject", id);
    const seenBy = async (userId: string) => (await ended(userId)).map((one) => one.id);
    expect(await seenBy("telegram:owner")).toEqual([id]);
    expect(await seenBy("telegram:nobody")).toEqual([]);
    await addRow(db, "pending_approvals", {
      approval_id: "ap-question",
      session_id: null,
      agent_group_id: null,
      kind: "question",
      shown: '{"question":{"type":"plan","plan":"x"}}',
      status: "approved",
      answered_at: "2026-11-20T08:00:00.000Z",
      asked_user_id: "telegram:nobody",
    });
    expect(await seenBy("telegram:nobody")).toEqual(["ap-question"]);
    await addRow(db, "refused_people", { user_id: "telegram:owner" });
    expect(await seenBy("telegram:owner")).toEqual([]);
  });

  test("has at most as many as are asked for, or those that are named", async () => {
    const { ok, ask, db, id, ended } = await asked();
    await ok(operator, "approvals", "reject", id);
    const other = await ask(member, "groups", "config", "update", "--model", "sonnet");
    const otherId = other.ok ? "" : (other.approvalId ?? "");
    await ok(operator, "approvals", "reject", otherId);
    expect((await ended(null, 1)).map((one) => one.id)).toEqual([otherId]);
    const named = await answeredApprovals(db, { userId: null, ids: [id] }, 10);
    expect(named.map((one) => one.id)).toEqual([id]);
  });
});

test("countWaiting counts what each person may answer, up to a bound", async () => {
  const { central, host, ask } = await hostBed();
  await ask(member, ...update);
  await ask(member, "groups", "config", "update", "--model", "sonnet");
  const { db } = central;
  const { created_at: now } = await db
    .selectFrom("pending_approvals")
    .select("created_at")
    .orderBy("created_at")
    .executeTakeFirstOrThrow();
  const count = (userId: string | null, bound = 100) =>
    countWaiting(db, host.commands, now, { userId, bound });
  expect([await count(null), await count("telegram:owner"), await count("telegram:admin")]).toEqual([
    2, 2, 2,
  ]);
  expect([await count("telegram:nobody"), await count(null, 1), await count("telegram:owner", 1)]).toEqual([
    0, 1, 1,
  ]);
});
