import { describe, expect, test } from "vitest";
import { agentConsents } from "./agent-consents.ts";

describe("agentConsents", () => {
  test.each([
    { title: "nothing given", given: {}, answers: { update: "skip" } },
    {
      title: "explicit trust",
      given: { trust: "accept" } as const,
      answers: { update: "skip" },
    },
    {
      title: "other consents",
      given: { "api-key": "use", mcp: "refuse" } as const,
      answers: { update: "skip", "api-key": "use", mcp: "refuse" },
    },
  ])("passes no trust to the agent for $title", ({ given, answers }) => {
    expect(agentConsents(given)).toEqual(answers);
  });
});
