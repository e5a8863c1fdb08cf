import { sql } from "kysely";
import { expect, test } from "vitest";
import { onPostgres, openedCentral, temporaryFolder, planOf } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, type Bed } from "@gatehouse/dispatch/testing";
import { forgetOldApprovals } from "./forget.ts";

const day = 24 * 60 * 60 * 1000;

const asked = async ({ ask }: Bed, name: string): Promise<string> => {
  const answer = await ask(member, "groups", "update", "--name", name);
  return answer.ok ? "" : (answer.approvalId ?? "");
};

const idsOf = async ({ central }: Bed): Promise<readonly string[]> => {
  const rows = await central.db.selectFrom("pending_approvals").select("approval_id").execute();
  return rows.map(({ approval_id }) => approval_id).toSorted();
};

test("an approval is deleted 90 days after any answer, and a pending one is kept", async () => {
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
 * PostgreSQL's plan leaves out cascaded deletes, so these are the statements that it runs for one approval.
 */
const cascades = ["held_messages", "approval_cards"].map(
  (table) => `delete from ${table} where approval_id = 'ap-1'`,
);

test("old approvals, with their cards and held messages, are found by an index", async () => {
  const { db } = await openedCentral(temporaryFolder());
  const { sql: text, parameters } = forgetOldApprovals(db, "2026-11-20T08:00:00.000Z").compile();
  const literal = text.replace(/\?|\$1/, sql.lit(String(parameters[0])).compile(db).sql);
  const plans: string[] = [];
  for (const query of onPostgres ? [literal, ...cascades] : [literal]) plans.push(await planOf(db, query));
  const searches = onPostgres
    ? [
        /Index Scan using pending_approvals_answered_at .*\n *Index Cond: \(answered_at <= /,
        /Index Scan using held_messages\w* .*\n *Index Cond: \(approval_id = /,
        /Index Scan using approval_cards\w* .*\n *Index Cond: \(approval_id = /,
      ]
    : [
        /^SEARCH pending_approvals USING .*INDEX pending_approvals_answered_at/,
        /^SEARCH tool_requests USING .*INDEX/,
        /^SEARCH held_messages USING .*INDEX/,
        /^SEARCH approval_cards USING .*INDEX/,
      ];
  expect(onPostgres ? plans : plans.join("\n").split("\n")).toEqual(
    searches.map((search) => expect.stringMatching(search) as unknown),
  );
});
