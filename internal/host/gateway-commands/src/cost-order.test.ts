import type { CostShown } from "@gatehouse/gateway";
import { describe, expect, test } from "vitest";
import { costText } from "./cost-order.ts";

const nothing: CostShown = {
  session: { requests: 0, tokens: 0, cost: null, unpricedRequests: 0 },
  days: [],
};
const day = {
  kind: "group",
  name: "Research",
  used: { requests: 3, tokens: 1200, cost: 0.5 },
  limits: [],
} as const;
const limit = { key: "ag-1", name: "Research", day: "2026-01-01" };

describe("costText", () => {
  test.each([
    {
      name: "nothing used",
      shown: nothing,
      currency: "USD",
      text: "This conversation: 0 requests, 0 tokens.",
    },
    {
      name: "a priced request",
      shown: { ...nothing, session: { requests: 1, tokens: 1, cost: 0.25, unpricedRequests: 0 } },
      currency: "EUR",
      text: "This conversation: 1 request, 1 token, 0.25 EUR.",
    },
    {
      name: "a sum with requests that have no price",
      shown: { ...nothing, session: { requests: 5, tokens: 10, cost: 0.25, unpricedRequests: 2 } },
      currency: "EUR",
      text: "This conversation: 5 requests, 10 tokens, at least 0.25 EUR.",
    },
    {
      name: "a sum without a table of prices",
      shown: { ...nothing, session: { requests: 5, tokens: 10, cost: 0.25, unpricedRequests: 0 } },
      currency: null,
      text: "This conversation: 5 requests, 10 tokens.",
    },
  ])("shows $name", ({ shown, currency, text }) => expect(costText(shown, currency)).toBe(text));

  test("shows the rest of each limit of a day, at least 0", () => {
    const limits = [
      { ...limit, limit: "max_cost_per_day", most: 2, used: 0.5 },
      { ...limit, limit: "max_requests_per_day", most: 2, used: 3 },
    ];
    expect(costText({ ...nothing, days: [{ ...day, limits }] }, "USD").split("\n")[1]).toBe(
      "The group Research today: 3 requests, 1,200 tokens, 0.50 USD. max_cost_per_day: 1.50 of 2.00 USD left, max_requests_per_day: 0 of 2 left.",
    );
  });

  test("shows that a person has no limit", () => {
    const ana = { ...day, kind: "person", name: "Ana" } as const;
    expect(costText({ ...nothing, days: [ana] }, null).split("\n")[1]).toBe(
      "You (Ana) today: 3 requests, 1,200 tokens. No limit.",
    );
  });
});
