import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { readCost } from "./read-cost.ts";
import { answering, counted, inTimezone, noon, priced, workFor } from "./counted.fixture.ts";

const place = { groupId: "ag-1", userId: "telegram:1", sessionId: "se-1" };

/** A group whose agent has asked once for Ana: 20 tokens in, 30 out. */
const used = async () => {
  inTimezone("UTC");
  const fixture = await counted({ max_requests_per_day: 10 }, answering(20, 30));
  await addRow(fixture.central.db, "users", { id: "telegram:1", display_name: "Ana", max_cost_per_day: 1 });
  await workFor(fixture, "telegram:1");
  await priced(fixture);
  expect(await fixture.ask()).toMatchObject({ status: 200 });
  const cost = (over: object = {}, now = noon) =>
    readCost(fixture.central.reading, { ...place, ...over }, now);
  await expect.poll(async () => (await cost()).session.tokens).toBe(50);
  return cost;
};

describe("readCost", () => {
  test("is of the conversation, the group's day and the person's", async () => {
    const cost = await used();
    const sum = { requests: 1, tokens: 50, cost: 0.00034 };
    expect(await cost()).toMatchObject({
      session: { ...sum, unpricedRequests: 0 },
      days: [
        { kind: "group", used: sum, limits: [{ limit: "max_requests_per_day", most: 10, used: 1 }] },
        {
          kind: "person",
          name: "Ana",
          used: sum,
          limits: [{ limit: "max_cost_per_day", most: 1, used: 0.00034 }],
        },
      ],
    });
  });

  test("is nothing of another conversation, another person, and the next day", async () => {
    const cost = await used();
    const none = { requests: 0, tokens: 0 };
    for (const sessionId of ["se-2", null])
      expect((await cost({ sessionId })).session).toEqual({ ...none, cost: null, unpricedRequests: 0 });
    expect((await cost({ userId: "telegram:2" })).days[1]).toMatchObject({ used: none, limits: [] });
    const tomorrow = new Date("2026-11-25T12:00:00Z");
    expect((await cost({}, tomorrow)).days).toMatchObject([{ used: none }, { used: none }]);
  });
});
