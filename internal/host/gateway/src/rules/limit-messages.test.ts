import { expect, test } from "vitest";
import type { Budget, Counts, Limit } from "../usage/budget.ts";
import { limitReached } from "./limit-messages.ts";

const ofTokens = (count: number): Counts => ({ requests: 1, tokens: count, cost: 0 });
const tokens: Limit = { field: "max_tokens_per_day", counts: "tokens", most: 100 };
const requests: Limit = { field: "max_requests_per_day", counts: "requests", most: 1 };
const home: Budget = {
  kind: "group",
  id: "ag-1",
  name: "Home",
  day: "2026-11-24",
  timezone: "UTC",
  limits: [tokens, requests],
};
const ana: Budget = { ...home, kind: "person", id: "telegram:1", name: "Ana" };
const tomorrow = "It goes on at 2026-11-25 00:00 (UTC).";
const smaller = "Go on with a smaller message or file, or in a new conversation: /clear.";

/** Tokens: those of the day so far, of the request, and of the smallest request. */
const rows: readonly [Budget, Limit, used: number, asked: number, least: number, says: string][] = [
  [
    ...([home, tokens, 0, 500, 101] as const),
    "Home may use less in a day than one answer takes. It goes on when the operator raises the limit.",
  ],
  [
    ...([home, tokens, 0, 101, 100] as const),
    `This message, with its conversation, is more than Home may use in a day. ${smaller}`,
  ],
  [...([home, tokens, 100, 50, 1] as const), `Home has used as much as it may today. ${tomorrow}`],
  [...([ana, tokens, 60, 50, 41] as const), `Ana has used as much as they may today. ${tomorrow}`],
  [...([home, requests, 0, 1, 1] as const), `Home has answered as often as it may today. ${tomorrow}`],
  [...([ana, requests, 0, 1, 1] as const), `Ana has had as many answers as they may today. ${tomorrow}`],
  [
    ...([home, tokens, 60, 50, 40] as const),
    `This message, with its conversation, is more than Home may still use today. ${tomorrow} ${smaller}`,
  ],
];

test.each(rows)(
  "%#: a refusal tells who wrote what goes on, and when",
  (budget, limit, used, asked, least, says) => {
    const sums = { ...ofTokens(used), requests: 1 };
    const reached = { budget, limit, sums, added: ofTokens(asked), least: ofTokens(least) };
    expect(limitReached(reached)).toMatchObject({ status: 402, message: says });
  },
);
