import { rmSync } from "node:fs";
import type { Kysely } from "kysely";
import { describe, expect, test } from "vitest";
import { hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { CentralTables } from "@gatehouse/central-database";
import { decisionLog } from "./decision-log.ts";
import { logKeyFile } from "./log-key.ts";
import { noteEnd, seenFile } from "./seen-end.ts";
import { verifyLog } from "./verify-log.ts";

type Db = Kysely<CentralTables>;

/** A host on which commands ran, and whose owner approved one command of an agent and rejected another. */
const bedWithLog = async (): Promise<Bed & { readonly approved: string }> => {
  const bed = await hostBed();
  const asked = async (model: string): Promise<string> => {
    const answer = await bed.ask(member, "groups", "config", "update", "--model", model);
    return (!answer.ok && answer.approvalId) || expect.fail(JSON.stringify(answer));
  };
  const approved = await asked("opus");
  await bed.ok(person("owner"), "approvals", "approve", approved);
  await bed.ok(operator, "approvals", "reject", await asked("haiku"));
  await bed.ok(operator, "groups", "list");
  return { ...bed, approved };
};

const verified = async (bed: Bed): Promise<string> => {
  const answer = await bed.ask(operator, "decisions", "verify");
  return answer.ok ? "ok" : answer.message;
};

const decisionNo = async (db: Db, seq: number) =>
  db.selectFrom("decisions").selectAll().where("seq", "=", seq).executeTakeFirstOrThrow();

describe("decisions verify", () => {
  test("accepts what the host wrote, and counts it", async () => {
    const bed = await bedWithLog();
    expect(await bed.ok(operator, "decisions", "verify")).toEqual({
      decisions: expect.any(Number),
      pruned: 0,
      approvals: 2,
    });
    const answers = await bed.ok(operator, "decisions", "list", "--rule", "answered");
    expect(answers).toMatchObject([
      { actor: "host", command: "approvals rejected", effect: "deny" },
      {
        actor: "user:telegram:owner",
        command: "approvals approved",
        effect: "allow",
        args: { id: bed.approved },
      },
    ]);
  });

  test.each<{
    what: string;
    tamper: (db: Db, bed: Bed & { approved: string }) => Promise<unknown>;
    says: RegExp;
  }>([
    {
      what: "a changed decision",
      tamper: (db) =>
        db.updateTable("decisions").set({ actor: "user:telegram:owner" }).where("seq", "=", 2).execute(),
      says: /^The decision \S+ of \S+ was changed\./,
    },
    {
      what: "an added decision with a number",
      tamper: (db) => addRow(db, "decisions", { id: "de-x", seq: 3, mac: "x" }),
      says: /^The decision de-x of \S+ was added\./,
    },
    {
      what: "an added decision without a number",
      tamper: (db) => addRow(db, "decisions", { id: "de-x" }),
      says: /^The decision de-x of \S+ has no seal/,
    },
    {
      what: "a removed decision",
      tamper: (db) => db.deleteFrom("decisions").where("seq", "=", 2).execute(),
      says: /^Decision 2 was removed, after de-/,
    },
    {
      what: "removed decisions at the end, with an older end",
      tamper: async (db, bed) => {
        await bed.host.flush();
        const end = await db.selectFrom("log_head").selectAll().executeTakeFirstOrThrow();
        await bed.ok(operator, "groups", "create", "--name", "Evil", "--folder", "evil");
        await bed.host.flush();
        await db.deleteFrom("decisions").where("seq", ">", end.seq).execute();
        await db.updateTable("log_head").set(end).execute();
      },
      says: /^Decision \d+ was removed, and de-\S+ of \S+ has its number\./,
    },
    {
      what: "an end without its row",
      tamper: (db) => db.deleteFrom("log_head").execute(),
      says: /^The end of the log of decisions was changed or removed/,
    },
    {
      what: "an end with another number",
      tamper: (db) => db.updateTable("log_head").set({ seq: 2 }).execute(),
      says: /^The end of the log of decisions was changed or removed/,
    },
    {
      what: "a gap that no host wrote",
      tamper: async (db) => {
        const [one, two] = [await decisionNo(db, 1), await decisionNo(db, 2)];
        await db.deleteFrom("decisions").where("seq", "=", 2).execute();
        const gap = { first: 2, last: 2, before: one.mac ?? "", after: two.mac ?? "", mac: "x" };
        await db.insertInto("log_gaps").values(gap).execute();
      },
      says: /^Decision 2 was removed/,
    },
    {
      what: "an approval that names another person",
      tamper: (db, { approved }) =>
        db
          .updateTable("pending_approvals")
          .set({ answered_by: "host" })
          .where("approval_id", "=", approved)
          .execute(),
      says: /^The answered approval ap-\S+ was changed\./,
    },
    {
      what: "a rejected approval that counts as expired",
      tamper: (db) =>
        db
          .updateTable("pending_approvals")
          .set({ status: "expired" })
          .where("status", "=", "rejected")
          .execute(),
      says: /^The answered approval ap-\S+ was changed: the log has it as rejected/,
    },
    {
      what: "an added approval",
      tamper: (db) =>
        addRow(db, "pending_approvals", {
          approval_id: "ap-x",
          session_id: "se-team",
          agent_group_id: "ag-team",
          status: "approved",
          answered_by: "user:telegram:owner",
        }),
      says: /^The answered approval ap-x was added, or changed\./,
    },
    {
      what: "a removed approval",
      tamper: (db, { approved }) =>
        db.deleteFrom("pending_approvals").where("approval_id", "=", approved).execute(),
      says: /^The answered approval ap-\S+ was removed: the log has it as approved/,
    },
    {
      what: "a log whose key is gone",
      tamper: async (_db, { dataDir }) => rmSync(logKeyFile(dataDir)),
      says: /^The log of decisions has another key than \S+log\.key, which is missing\./,
    },
  ])("names $what", async ({ tamper, says }) => {
    const bed = await bedWithLog();
    expect(await verified(bed)).toBe("ok");
    await tamper(bed.central.db, bed);
    expect(await verified(bed)).toMatch(says);
  });

  test("accepts that an approval is gone with its group", async () => {
    const bed = await bedWithLog();
    await bed.ok(operator, "groups", "delete", "team", "--yes");
    expect(await verified(bed)).toBe("ok");
  });
});

const at = "2026-11-20T08:00:00.000Z";
const actors = [operator, member] as const;

/** A log of forty entries of two actors, in turn. */
const logOf = async (kept: number) => {
  const dataDir = temporaryFolder();
  const central = await openedCentral(dataDir);
  let [ids, time] = [0, Date.parse(at)];
  const now = (): string => new Date((time += 1)).toISOString();
  const deps = { dataDir, now, id: (prefix: string) => `${prefix}-${(ids += 1)}` };
  const logAs = (): ReturnType<typeof decisionLog> =>
    decisionLog(central.db, deps, (error) => expect.fail(String(error)), { kept });
  const write = async (count: number, log = logAs()): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const actor = actors[index % 4 === 0 ? 0 : 1] ?? operator;
      await log.record(
        { actor, command: "x \ud800", args: {}, effect: "allow", ruleId: "r", reason: "y" },
        false,
      );
    }
    await log.flush();
  };
  const verify = () => verifyLog(central.db, dataDir, at);
  return { central, dataDir, write, verify };
};

test("verifies a log of which rows of one actor, and then of all, were pruned again and again", async () => {
  const { central, write, verify } = await logOf(10);
  for (const count of [40, 3, 17, 40]) {
    await write(count);
    expect(await verify()).toMatchObject({ ok: true, value: { decisions: 10 } });
  }
  expect(
    (await verify()).ok && (await central.db.selectFrom("log_gaps").selectAll().execute()).length,
  ).toBeLessThan(11);
  const gap = central.db.selectFrom("log_gaps").select("mac").limit(1);
  await central.db.deleteFrom("log_gaps").where("mac", "in", gap).execute();
  expect(await verify()).toMatchObject({ ok: false, error: { message: expect.stringContaining("removed") } });
});

test("verifies a log of several writers at the same time", async () => {
  const { write, verify } = await logOf(1_000);
  await Promise.all([write(40), write(40), write(40)]);
  expect(await verify()).toMatchObject({ ok: true, value: { decisions: 120 } });
});

test("verifies a log whose end was not noted, and notes no end that does not follow", async () => {
  const { central, dataDir, write, verify } = await logOf(1_000);
  await write(4);
  rmSync(seenFile(dataDir));
  expect(await verify()).toMatchObject({ ok: true });
  await write(4);
  const { db } = central;
  const end = await db.selectFrom("log_head").selectAll().executeTakeFirstOrThrow();
  await write(4);
  await db.deleteFrom("decisions").where("seq", ">", end.seq).execute();
  await db.updateTable("log_head").set(end).execute();
  await write(8);
  await noteEnd(db, dataDir);
  expect(await verify()).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("has its number") },
  });
});
