import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { hello, type GatewayFixture } from "../gateway.fixture.ts";
import {
  answering,
  counted,
  days,
  inTimezone,
  notices,
  personDays,
  priced,
  workFor,
} from "./counted.fixture.ts";
import { usageBy } from "./read-usage-rows.ts";

const messageOf = (text: string): string =>
  (JSON.parse(text) as { readonly error: { readonly message: string } }).error.message;

/** A gateway whose agent works for Ana, who has these limits. */
const forAna = async (
  limits: object,
  answer = answering(20, 30),
  ofGroup: object = {},
): Promise<GatewayFixture> => {
  inTimezone("UTC");
  const fixture = await counted(ofGroup, answer);
  await addRow(fixture.central.db, "users", { id: "telegram:1", display_name: "Ana", ...limits });
  await workFor(fixture, "telegram:1");
  return fixture;
};

describe("a person's day", () => {
  test("counts the requests for the person's message, beside the group's day", async () => {
    const fixture = await forAna({});
    expect(await fixture.ask()).toMatchObject({ status: 200 });
    const sums = { day: "2026-11-24", requests: 1, tokens: 50, cost: 0 };
    await expect.poll(() => personDays(fixture)).toEqual([{ user_id: "telegram:1", ...sums }]);
    expect(await days(fixture)).toMatchObject([sums]);
    expect(await usageBy(fixture.central.reading, "person")).toMatchObject([
      { key: "telegram:1", name: "Ana", requests: 1 },
    ]);
  });

  test("is that of the first prompt's sender, if a batch has prompts of several persons", async () => {
    const fixture = await forAna({});
    await workFor(fixture, "telegram:2", { seq: 4, batch_place: 1 });
    await fixture.ask();
    expect(await personDays(fixture)).toMatchObject([{ user_id: "telegram:1" }]);
  });

  test("is of the host's timezone, and the group's of the group's", async () => {
    const fixture = await forAna({}, answering(20, 30), { timezone: "Pacific/Kiritimati" });
    inTimezone("Europe/Berlin");
    await fixture.ask();
    expect(await days(fixture)).toMatchObject([{ day: "2026-11-25" }]);
    expect(await personDays(fixture)).toMatchObject([{ day: "2026-11-24" }]);
  });

  test("is of no person while the agent works for another agent", async () => {
    const fixture = await counted();
    await workFor(fixture, "telegram:1", { source_session_id: "se-2" });
    await fixture.ask();
    expect(await personDays(fixture)).toEqual([]);
    expect(await days(fixture)).toHaveLength(1);
  });
});

describe("a person's limit", () => {
  test.for([
    { what: "requests", limits: { max_requests_per_day: 3 }, perRequest: { requests: 3, tokens: 150 } },
    { what: "tokens", limits: { max_tokens_per_day: 350 }, perRequest: { requests: 3, tokens: 150 } },
    { what: "money", limits: { max_cost_per_day: 0.0035 }, perRequest: { requests: 3, cost: 1_020 } },
  ])(
    "lets no more than its $what out, of 50 requests at once, and takes back what the group had reserved",
    { tags: ["slow"] },
    async ({ limits, perRequest }) => {
      const waiting: (() => void)[] = [];
      const fixture = await forAna(limits, async (received, response) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        await answering(20, 30)(received, response);
      });
      await priced(fixture);
      const answers = Array.from({ length: 50 }, () => fixture.ask());
      let refused = 0;
      for (const answer of answers) void answer.then(({ status }) => (refused += Number(status === 402)));
      await expect.poll(() => [waiting.length, refused]).toEqual([3, 47]);
      for (const finish of waiting.splice(0)) finish();
      await Promise.all(answers);
      await expect.poll(() => personDays(fixture)).toMatchObject([perRequest]);
      expect(await days(fixture)).toMatchObject([perRequest]);
    },
  );

  test("refuses with a sentence that names the person, and lets another person go on", async () => {
    const fixture = await forAna({ max_requests_per_day: 1 });
    await fixture.ask();
    const refused = await fixture.ask();
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(messageOf(refused.text)).toBe(
      "Ana has had as many answers as they may today. It goes on at 2026-11-25 00:00 (UTC).",
    );
    await expect
      .poll(() => notices(fixture))
      .toEqual([expect.stringContaining("Ana has used 100 % of the day: 1 of max_requests_per_day 1")]);
    await fixture.central.db.deleteFrom("session_messages_in").execute();
    await workFor(fixture, "telegram:2");
    expect(await fixture.ask()).toMatchObject({ status: 200 });
  });

  test.for([
    { own: null, budget: 0.001_1, says: "max_budget 0.0011 USD", fix: "max_budget in users.yaml" },
    { own: 0.001_2, budget: 9, says: "max_cost_per_day 0.0012 USD", fix: "--max-cost-per-day N" },
  ])(
    "of money is max_budget of users.yaml without one of its own: $says",
    async ({ own, budget, says, fix }) => {
      const fixture = await forAna({ max_cost_per_day: own });
      await priced(fixture);
      const entry = JSON.stringify({ max_budget: budget });
      await addRow(fixture.central.db, "file_users", { user_id: "telegram:1", entry });
      expect(await fixture.ask()).toMatchObject({ status: 200 });
      await expect.poll(() => personDays(fixture)).toMatchObject([{ cost: 340 }]);
      expect(await fixture.ask()).toMatchObject({ status: 402 });
      const [text] = await notices(fixture);
      expect(text).toContain(says);
      expect(text).toContain(fix);
    },
  );

  test("of money refuses a model without a price", async () => {
    const fixture = await forAna({ max_cost_per_day: 1 });
    const refused = await fixture.ask({ body: { ...hello, model: "claude-x" } });
    expect(refused.status).toBe(402);
    expect(messageOf(refused.text)).toContain("Ana has a limit of money (max_cost_per_day)");
    expect(fixture.vendor.received).toEqual([]);
  });
});
