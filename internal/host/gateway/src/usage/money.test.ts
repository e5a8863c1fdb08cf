import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pricesFileIn } from "../prices/index.ts";
import { hello, type GatewayFixture } from "../gateway.fixture.ts";
import { answering, counted, days, notices, priced, rows } from "./counted.fixture.ts";
import { databaseMeter } from "./database-meter.ts";

// The fixture's request is estimated with 15 tokens of input and 100 of output: 15 * 2.5 + 100 * 10 millionths.
const reserved = 1_038;
// It uses 20 tokens of input and 30 of output.
const used = 340;

const messageOf = (text: string): string =>
  (JSON.parse(text) as { readonly error: { readonly message: string } }).error.message;

const pricedDay = async (limits: object, answer = answering(20, 30)): Promise<GatewayFixture> => {
  const fixture = await counted(limits, answer);
  await priced(fixture);
  return fixture;
};

describe("money", () => {
  test("is reserved before the request goes out, and settled by what the vendor names", async () => {
    const seen: unknown[] = [];
    const fixture = await pricedDay({}, async (received, response) => {
      seen.push(...(await days(fixture)));
      await answering(20, 30)(received, response);
    });
    expect(await fixture.ask()).toMatchObject({ status: 200 });
    expect(seen).toMatchObject([{ cost: reserved }]);
    await expect.poll(() => days(fixture)).toMatchObject([{ cost: used }]);
    expect(await rows(fixture)).toMatchObject([{ cost: used / 1_000_000, unpricedRequests: 0 }]);
  });

  test("counts what was read from the cache, and written to it, by their own prices", async () => {
    const fixture = await pricedDay({}, (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const cache = { cache_read_input_tokens: 1000, cache_creation_input_tokens: 100 };
      response.end(JSON.stringify({ usage: { input_tokens: 10, output_tokens: 5, ...cache } }));
    });
    await fixture.ask();
    // 10 * 2 + 1000 * 0.2 + 100 * 2.5 + 5 * 10
    await expect.poll(() => days(fixture)).toMatchObject([{ tokens: 1_115, cost: 520 }]);
  });

  test("finds the price of a model by its alias", async () => {
    const fixture = await pricedDay({ max_cost_per_day: 1 });
    expect(await fixture.ask({ body: { ...hello, model: "claude-sonnet-latest" } })).toMatchObject({
      status: 200,
    });
    await expect.poll(() => days(fixture)).toMatchObject([{ cost: used }]);
  });

  test("keeps the reservation of a host that is killed before the settlement", async () => {
    const fixture = await counted();
    const meter = databaseMeter({
      db: fixture.central.loop,
      prices: async () => ({ ok: true, value: null }),
      now: () => new Date("2026-11-24T12:00:00Z"),
    });
    // The settlement is never called, as after a kill.
    const caller = {
      sessionId: "se-1",
      incarnation: 1,
      groupId: "ag-1",
      groupName: "Team",
      models: null,
      timezone: "UTC",
      maxRequests: 1,
      maxTokens: null,
      maxCost: null,
      ...({ hasTrouble: false, upstream: {}, modelFrom: "default" } as const),
    };
    const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
    const request = {
      caller,
      vendor: "anthropic",
      model: "m",
      tokens,
      least: tokens,
      otherPrice: null,
    } as const;
    expect(await meter.reserve(request)).toMatchObject({ ok: true });
    expect(await days(fixture)).toMatchObject([{ requests: 1, tokens: 2 }]);
    expect(await meter.reserve(request)).toMatchObject({ ok: false, error: { status: 402 } });
  });

  test("says which requests had no price", async () => {
    const fixture = await counted();
    await fixture.ask();
    await priced(fixture);
    await fixture.ask();
    await expect
      .poll(() => rows(fixture))
      .toMatchObject([{ requests: 2, unpricedRequests: 1, cost: used / 1_000_000 }]);
  });
});

describe("a limit of money", () => {
  test("lets no more than its money out, of 50 requests at once", { tags: ["slow"] }, async () => {
    const waiting: (() => void)[] = [];
    const fixture = await pricedDay({ max_cost_per_day: 0.0035 }, async (received, response) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      await answering(20, 30)(received, response);
    });
    const answers = Array.from({ length: 50 }, () => fixture.ask());
    let refused = 0;
    for (const answer of answers) void answer.then(({ status }) => (refused += Number(status === 402)));
    // 3 * 1038 fit into 3500 millionths.
    await expect.poll(() => [waiting.length, refused]).toEqual([3, 47]);
    for (const finish of waiting.splice(0)) finish();
    await Promise.all(answers);
    await expect.poll(() => days(fixture)).toMatchObject([{ requests: 3, cost: 3 * used }]);
  });

  test("refuses with a sentence of whose it is, and of the end of the day", async () => {
    const fixture = await pricedDay({ max_cost_per_day: 0.001_1 });
    expect(await fixture.ask()).toMatchObject({ status: 200 });
    await expect.poll(() => days(fixture)).toMatchObject([{ cost: used }]);
    const refused = await fixture.ask();
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(messageOf(refused.text)).toBe(
      "Team has used as much as it may today. It goes on at 2026-11-25 00:00 (UTC).",
    );
    expect(fixture.vendor.received).toHaveLength(1);
  });

  test("refuses a model without a price, and names the command that sets one", async () => {
    const fixture = await pricedDay({ max_cost_per_day: 1 });
    const refused = await fixture.ask({ body: { ...hello, model: "claude-sonnet-4-5-20250929" } });
    expect(refused.status).toBe(402);
    expect(messageOf(refused.text)).toBe(
      "The group Team has a limit of money (max_cost_per_day), and the host knows no price of claude-sonnet-4-5-20250929, so it is refused. The operator sets one: gatehouse prices set claude-sonnet-4-5-20250929",
    );
    expect(fixture.vendor.received).toEqual([]);
    expect(await days(fixture)).toEqual([]);
  });

  test.for([
    { body: { speed: "fast" }, field: "speed" },
    { body: { service_tier: "priority" }, field: "service_tier" },
  ])("refuses $field, which changes the price, and no request without it", async ({ body, field }) => {
    const fixture = await pricedDay({ max_cost_per_day: 1 });
    const refused = await fixture.ask({ body: { ...hello, ...body } });
    expect(refused.status).toBe(402);
    expect(messageOf(refused.text)).toContain(`"${field}" changes the price`);
    const usual = { ...hello, service_tier: "auto", speed: "standard" };
    expect(await fixture.ask({ body: usual })).toMatchObject({ status: 200 });
  });

  test("lets a group without it send such a field, and counts no price", async () => {
    const fixture = await pricedDay({});
    expect(await fixture.ask({ body: { ...hello, speed: "fast" } })).toMatchObject({ status: 200 });
    await expect.poll(() => rows(fixture)).toMatchObject([{ cost: null, unpricedRequests: 1 }]);
  });

  test("refuses while the prices cannot be read; without a limit they are not needed", async () => {
    const limited = await pricedDay({ max_cost_per_day: 1 });
    writeFileSync(pricesFileIn(limited.dataDir), '{"v":1,"currency":"dollars","models":[]}');
    const refused = await limited.ask();
    expect(refused.status).toBe(402);
    expect(messageOf(refused.text)).toContain("currency: is no currency of three capital letters");
    const free = await counted();
    writeFileSync(pricesFileIn(free.dataDir), "x");
    expect(await free.ask()).toMatchObject({ status: 200 });
  });
});

describe("owners are told", () => {
  test("at 80 % of a limit, once for a day", async () => {
    const fixture = await counted({ max_requests_per_day: 5 });
    for (let count = 0; count < 3; count += 1) await fixture.ask();
    await expect.poll(() => days(fixture)).toMatchObject([{ requests: 3, tokens: 150 }]);
    expect(await notices(fixture)).toEqual([]);
    await fixture.ask();
    const notice =
      "The group Team has used 80 % of the day: 4 of max_requests_per_day 5. At 100 % requests are refused until 2026-11-25 00:00 (UTC). To raise the limit: ncl groups config update ag-1 --max-requests-per-day N";
    await expect.poll(() => notices(fixture)).toEqual([notice]);
    for (let count = 0; count < 3; count += 1) await fixture.ask();
    expect(await notices(fixture)).toEqual([notice]);
  });

  test("of a use, and not of an estimate", async () => {
    const fixture = await counted({ max_tokens_per_day: 120 });
    await fixture.ask();
    await expect.poll(() => days(fixture)).toMatchObject([{ tokens: 50 }]);
    expect(await notices(fixture)).toEqual([]);
  });

  test("of a refusal, also below 80 %", async () => {
    const fixture = await counted({ max_tokens_per_day: 120 });
    await fixture.ask();
    await expect.poll(() => days(fixture)).toMatchObject([{ tokens: 50 }]);
    expect(await fixture.ask()).toMatchObject({ status: 402 });
    expect(await notices(fixture)).toMatchObject([
      expect.stringContaining("has used 41 % of the day: 50 of max_tokens_per_day 120"),
    ]);
  });
});
