import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { hello } from "../gateway.fixture.ts";
import { answering, counted, days, notices, rows } from "./counted.fixture.ts";
import { dayOf } from "./budget.ts";
import { usageBy } from "./read-usage-rows.ts";

describe("usage", () => {
  test("is reserved before the request goes out, and settled by what the vendor names", async () => {
    const seen: unknown[] = [];
    const fixture = await counted({}, async (received, response) => {
      seen.push(...(await days(fixture)));
      await answering(20, 30)(received, response);
    });
    expect(await fixture.ask()).toMatchObject({ status: 200 });
    expect(seen).toMatchObject([{ agent_group_id: "ag-1", day: "2026-11-24", requests: 1, tokens: 115 }]);
    await expect.poll(() => days(fixture)).toMatchObject([{ requests: 1, tokens: 50 }]);
    const model = { provider: "anthropic", model: "claude-sonnet-4-5", name: "Team", key: "ag-1" };
    expect(await rows(fixture)).toEqual([
      { ...model, requests: 1, inputTokens: 20, outputTokens: 30, cost: null, unpricedRequests: 1 },
    ]);
  });

  test("counts a request that the vendor refuses, and none of its tokens", async () => {
    const fixture = await counted({}, (_, response) => void response.writeHead(529).end());
    await fixture.ask();
    expect(await days(fixture)).toMatchObject([{ requests: 1, tokens: 0 }]);
  });

  test("counts no question for tokens or models", async () => {
    const fixture = await counted();
    await fixture.ask({ path: "/v1/messages/count_tokens" });
    await fixture.ask({ path: "/v1/models", method: "GET" });
    expect(await days(fixture)).toEqual([]);
  });

  test("sums by person and by day too", async () => {
    const fixture = await counted();
    const entry = JSON.stringify({ os_user: "ana" });
    await addRow(fixture.central.db, "users", { id: "telegram:1" });
    await addRow(fixture.central.db, "file_users", { user_id: "telegram:1", entry });
    await fixture.central.db.updateTable("messaging_groups").set({ user_id: "telegram:1" }).execute();
    await fixture.ask();
    expect(await usageBy(fixture.central.reading, "person")).toMatchObject([
      { key: "telegram:1", requests: 1 },
    ]);
    expect(await usageBy(fixture.central.reading, "day")).toMatchObject([{ key: "2026-11-24", requests: 1 }]);
  });

  test.for([
    { timezone: "UTC", day: "2026-11-24" },
    { timezone: "Pacific/Kiritimati", day: "2026-11-25" },
    { timezone: "Pacific/Pago_Pago", day: "2026-11-23" },
  ])("of 24 November, 10:30 UTC is of the day $day in $timezone", ({ timezone, day }) => {
    expect(dayOf(new Date("2026-11-24T10:30:00Z"), timezone)).toBe(day);
  });
});

describe("a limit of a day", () => {
  test("lets no more than its requests out, of 50 at once", { tags: ["slow"] }, async () => {
    const fixture = await counted({ max_requests_per_day: 7 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => fixture.ask()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(43);
    expect(fixture.vendor.received).toHaveLength(7);
    await expect.poll(() => days(fixture)).toMatchObject([{ requests: 7, tokens: 7 * 50 }]);
  });

  test(
    "lets no more than its tokens out, of 50 at once, while none is settled",
    { tags: ["slow"] },
    async () => {
      const waiting: (() => void)[] = [];
      const fixture = await counted({ max_tokens_per_day: 350 }, async (received, response) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        await answering(20, 30)(received, response);
      });
      const answers = Array.from({ length: 50 }, () => fixture.ask());
      let refused = 0;
      for (const answer of answers) void answer.then(({ status }) => (refused += Number(status === 402)));
      // 115 tokens are reserved for each.
      await expect.poll(() => [waiting.length, refused]).toEqual([3, 47]);
      for (const finish of waiting.splice(0)) finish();
      await Promise.all(answers);
      await expect.poll(() => days(fixture)).toMatchObject([{ requests: 3, tokens: 150 }]);
    },
  );

  test.for([
    { limits: { max_requests_per_day: 1 }, says: "Team has answered as often as it may today." },
    { limits: { max_tokens_per_day: 120 }, says: "Team has used as much as it may today." },
  ])(
    "$limits answers with a final sentence, which owners read with its name, and ends with the day",
    async ({ limits, says }) => {
      const fixture = await counted(limits);
      expect(await fixture.ask({ body: { ...hello, max_tokens: 50 } })).toMatchObject({ status: 200 });
      await expect.poll(() => days(fixture)).toMatchObject([{ tokens: 50 }]);
      const refused = await fixture.ask();
      expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
      const [[name = "", limit]] = Object.entries(limits) as [[string, number]];
      expect(JSON.parse(refused.text)).toMatchObject({
        type: "error",
        error: { type: "billing_error", message: expect.stringContaining(says) as unknown },
      });
      const told = await notices(fixture);
      expect(told).toEqual([expect.stringContaining(`${name} ${limit}`) as unknown]);
      await fixture.central.db
        .updateTable("container_configs")
        .set({ timezone: "Pacific/Kiritimati" } as never)
        .execute();
      expect(await fixture.ask()).toMatchObject({ status: 200 });
    },
  );
});
