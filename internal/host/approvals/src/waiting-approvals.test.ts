import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import {
  addRow,
  at,
  onPostgres,
  openedCentral,
  planOf,
  temporaryFolder,
} from "@gatehouse/central-database/testing";
import { hostBed, member, operator, type Bed } from "@gatehouse/dispatch/testing";
import { giveBackLease, takeLease } from "@gatehouse/session-rows";
import { describeOnBoth } from "@gatehouse/session-rows/testing";
import { cardOf } from "./card.ts";
import { expireApprovals, forgetOldApprovals, waitingApprovals } from "./waiting-approvals.ts";

const update = ["groups", "config", "update", "--model", "opus"] as const;

describe("waitingApprovals", () => {
  test("returns the question, the group, the time and the approvers of each approval", async () => {
    const { ask, central, host } = await hostBed();
    expect(await ask(member, ...update)).toMatchObject({ code: "approval-pending" });
    const { db } = central;
    const row = await db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    const waiting = await waitingApprovals(db, host.commands, row.created_at);
    expect(waiting).toEqual({
      more: 0,
      approvals: [
        {
          kind: "command",
          group: expect.any(String),
          asks: expect.stringMatching(/^ncl groups config update .*--model opus/),
          card: await cardOf(db, row),
          since: row.created_at,
          until: row.expires_at,
          mayAnswer: ["telegram:admin", "telegram:owner"],
          chat: "telegram:-1",
          decides: 1,
        },
      ],
    });
    // An approval that can no longer be answered is left out.
    expect(await waitingApprovals(db, host.commands, row.expires_at)).toEqual({ approvals: [], more: 0 });
  });

  test("leaves out answered approvals, refused people and characters that control a terminal", async () => {
    const { ask, central, host } = await hostBed();
    await ask(member, ...update);
    const { db } = central;
    const { created_at: now, ...row } = await db
      .selectFrom("pending_approvals")
      .selectAll()
      .executeTakeFirstOrThrow();
    const shown = JSON.stringify({ user: "telegram:7\u001b[2J" });
    const stranger = { ...row, kind: "sender", shown, consequence: null, created_at: now };
    await addRow(db, "pending_approvals", { ...stranger, approval_id: "ap-a" });
    await addRow(db, "pending_approvals", { ...stranger, approval_id: "ap-b", status: "rejected" });
    await addRow(db, "refused_people", { user_id: "telegram:admin" });
    const { approvals: waiting } = await waitingApprovals(db, host.commands, now);
    expect(waiting.map(({ card }) => card.id).sort()).toEqual([row.approval_id, "ap-a"].sort());
    const asked = waiting.find(({ card }) => card.id === "ap-a");
    expect(asked?.asks).toMatch(/^May telegram:7\\u001b\[2J write to .*\?$/);
    expect(asked?.mayAnswer).toEqual(["telegram:owner"]);
  });

  test("returns the oldest thousand approvals, and the number of further ones", async () => {
    const { ask, central, host } = await hostBed();
    await ask(member, ...update);
    const { db } = central;
    const { approval_id: id, ...row } = await db
      .selectFrom("pending_approvals")
      .selectAll()
      .executeTakeFirstOrThrow();
    const numbers = Array.from({ length: 1_004 }, (_, index) => `${id}-${String(index).padStart(4, "0")}`);
    for (let from = 0; from < numbers.length; from += 50)
      await db
        .insertInto("pending_approvals")
        .values(numbers.slice(from, from + 50).map((approval_id) => ({ ...row, approval_id })))
        .execute();
    const { approvals, more } = await waitingApprovals(db, host.commands, row.created_at);
    expect({ first: approvals[0]?.card.id, read: approvals.length, more }).toEqual({
      first: id,
      read: 1_000,
      more: 5,
    });
  });

  test("finds the requests of a person behind a thousand older ones of others", async () => {
    const { ask, central, host, ok } = await hostBed();
    const { db } = central;
    await ok(
      operator,
      "roles",
      "grant",
      "--user",
      "telegram:nobody",
      "--role",
      "admin",
      "--group",
      "ag-team",
    );
    await ask(member, ...update);
    const own = await db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    const { approval_id: id, created_at: now, ...row } = own;
    const older = { ...row, created_at: at, session_id: null, agent_group_id: "ag-other" };
    const numbers = Array.from({ length: 2_001 }, (_, index) => `ap-${String(index).padStart(4, "0")}`);
    for (let from = 0; from < numbers.length; from += 50)
      await db
        .insertInto("pending_approvals")
        .values(numbers.slice(from, from + 50).map((approval_id) => ({ ...older, approval_id })))
        .execute();
    const question = { ...older, kind: "question", approval_id: "ap-question" };
    await addRow(db, "pending_approvals", { ...question, asked_user_id: "telegram:nobody" });
    const idsFor = async (userId: string) => {
      const { approvals, more } = await waitingApprovals(db, host.commands, now, { userId });
      return { ids: approvals.map(({ card }) => card.id), more };
    };
    expect(await idsFor("telegram:nobody")).toEqual({ ids: ["ap-question", id], more: 0 });
    const chat = { group: "team", cardIds: ["ap-question"] };
    const ofChat = await waitingApprovals(db, host.commands, now, { chat });
    expect(ofChat.approvals.map(({ card }) => card.id)).toEqual(["ap-question", id]);
    // A request that names a thing of another group takes an admin of both.
    await db.updateTable("pending_approvals").set({ agent_group_id: "ag-team" }).execute();
    await db
      .updateTable("pending_approvals")
      .set({ scope: "global" })
      .where("approval_id", "not in", [id, "ap-question"])
      .execute();
    expect(await idsFor("telegram:nobody")).toEqual({ ids: ["ap-question", id], more: 0 });
    expect(await idsFor("telegram:owner")).toMatchObject({ more: 1_003 });
    await addRow(db, "refused_people", { user_id: "telegram:nobody" });
    expect(await idsFor("telegram:nobody")).toEqual({ ids: [], more: 0 });
  });
});

const sessionId = "se-1";
const ownPrefix = "machine1-";
const clock = { now: () => "2027-01-01T00:00:00.000Z", id: (prefix: string) => `${prefix}-1` };

describeOnBoth("expireApprovals", ({ twoHosts }) => {
  test.for([
    { holder: "no host", owner: null, count: 1 },
    { holder: "this host", owner: "machine1-7-x", count: 1 },
    { holder: "an earlier process of this host", owner: "machine1-6-y", count: 1 },
    { holder: "another host", owner: "machine2-7-z", count: 0 },
  ])(
    "expires $count overdue approvals of a session that $holder leases",
    async ({ owner, count }, context) => {
      const [db] = await twoHosts(context);
      await addRow(db, "pending_approvals", { session_id: sessionId, expires_at: at });
      if (owner !== null) await takeLease(db, { sessionId, owner, ttlMs: 60_000 });
      const expire = () => db.transaction().execute((within) => expireApprovals(within, clock, ownPrefix));
      expect(await expire()).toBe(count);
      const states = await db.selectFrom("pending_approvals").select("status").execute();
      expect(states).toEqual([{ status: count === 1 ? "expired" : "pending" }]);
      const notes = await db.selectFrom("session_messages_in").select("session_id").execute();
      expect(notes).toHaveLength(count);
      // After the lease was given back, any host may expire it.
      await giveBackLease(db, sessionId, 1, { hasWork: true });
      expect(await expire()).toBe(1 - count);
    },
  );
});

const day = 24 * 60 * 60 * 1000;

const asked = async ({ ask }: Bed, name: string): Promise<string> => {
  const answer = await ask(member, "groups", "update", "--name", name);
  return answer.ok ? "" : (answer.approvalId ?? "");
};

const idsOf = async ({ central }: Bed): Promise<readonly string[]> => {
  const rows = await central.db.selectFrom("pending_approvals").select("approval_id").execute();
  return rows.map(({ approval_id }) => approval_id).toSorted();
};

test("an approval is deleted 90 days after its answer, and a pending approval is kept", async () => {
  const bed = await hostBed();
  const rejected = await asked(bed, "rejected");
  const approved = await asked(bed, "approved");
  const expired = await asked(bed, "expired");
  await bed.ok(operator, "approvals", "reject", rejected);
  await bed.ok(operator, "approvals", "approve", approved);
  bed.later(day);
  expect(await bed.host.expireApprovals()).toBe(1);
  bed.later(89 * day - 60_000);
  const waiting = await asked(bed, "waiting");
  await bed.host.expireApprovals();
  expect(await idsOf(bed)).toEqual([rejected, approved, expired, waiting].toSorted());
  bed.later(60_000);
  await bed.host.expireApprovals();
  expect(await idsOf(bed)).toEqual([expired, waiting].toSorted());
  bed.later(day - 120_000);
  await bed.host.expireApprovals();
  expect(await idsOf(bed)).toEqual([expired, waiting].toSorted());
  bed.later(120_000);
  expect(await bed.host.expireApprovals()).toBe(1);
  expect(await idsOf(bed)).toEqual([waiting]);
});

/**
 * PostgreSQL's plan leaves out cascaded deletes, so this is the statement that it runs for one approval.
 */
const cascade = "delete from approval_cards where approval_id = 'ap-1'";

test("old approvals, with their cards, are found by an index", async () => {
  const { db } = await openedCentral(temporaryFolder());
  const { sql: text, parameters } = forgetOldApprovals(db, "2026-11-20T08:00:00.000Z").compile();
  const literal = text.replace(/\?|\$1/, sql.lit(String(parameters[0])).compile(db).sql);
  const plans: string[] = [];
  for (const query of onPostgres ? [literal, cascade] : [literal]) plans.push(await planOf(db, query));
  const searches = onPostgres
    ? [
        /Index Scan using pending_approvals_answered_at .*\n *Index Cond: \(answered_at <= /,
        /Index Scan using approval_cards\w* .*\n *Index Cond: \(approval_id = /,
      ]
    : [
        /^SEARCH pending_approvals USING .*INDEX pending_approvals_answered_at/,
        /^SEARCH approval_cards USING .*INDEX/,
      ];
  expect(onPostgres ? plans : plans.join("\n").split("\n")).toEqual(
    searches.map((search) => expect.stringMatching(search) as unknown),
  );
});
