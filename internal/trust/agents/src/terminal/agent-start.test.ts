import { describe, expect, test } from "vitest";
import { driveDialogs } from "@trust/dialog-engine";
import { claudePack } from "@trust/dialog-engine/packs";
import { createFakeTui, createManualClock, type FakeScreen } from "@trust/dialog-engine/testing";
import { agentConsents, agentLimits } from "./agent-start.ts";

describe("agentConsents", () => {
  test.each([
    { title: "a caller without consents", given: {}, answers: { update: "skip" } },
    {
      title: "a caller that consents to trust",
      given: { trust: "accept" } as const,
      answers: { update: "skip" },
    },
    {
      title: "a caller with other consents",
      given: { "api-key": "use", mcp: "refuse" } as const,
      answers: { update: "skip", "api-key": "use", mcp: "refuse" },
    },
  ])("passes no trust to the agent for $title", ({ given, answers }) => {
    expect(agentConsents(given)).toEqual(answers);
  });
});

const rule = "─".repeat(60);
const composer: FakeScreen = {
  id: "composer",
  options: [],
  draw: () => [rule, "❯ ", rule, "  ? for shortcuts"],
};
const before = (rows: readonly string[], afterMs: number): FakeScreen => ({
  id: "before",
  options: [],
  draw: () => rows,
  then: { afterMs, show: "composer" },
});

test.each([
  { what: "blank for 18.6 s, as 2.1.328 without a network", rows: [], afterMs: 18_600, ends: "ready" },
  { what: "blank forever", rows: [], afterMs: 90_000, ends: "timeout" },
  { what: "not blank for 18.6 s", rows: ["Loading"], afterMs: 18_600, ends: "timeout" },
  {
    what: "blank for longer than the caller's limit",
    rows: [],
    afterMs: 18_600,
    given: 5_000,
    ends: "timeout",
  },
  { what: "blank for less than the caller's limit", rows: [], afterMs: 4_000, given: 6_000, ends: "ready" },
])("an agent that is $what ends as $ends", async ({ rows, afterMs, given, ends }) => {
  const clock = createManualClock();
  const { terminal } = createFakeTui([before(rows, afterMs), composer], clock);
  const limits = agentLimits(given);
  const run = driveDialogs({ terminal, clock, pack: claudePack, consents: {}, limits, until: "ready" });
  expect((await clock.runUntil(run)).outcome).toBe(ends);
});
