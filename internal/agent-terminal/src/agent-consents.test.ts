import { describe, expect, test } from "vitest";
import { agentConsents } from "./agent-consents.ts";

describe("agentConsents", () => {
  test.each([
    { title: "nothing given", given: {}, answers: { update: "skip" } },
    {
      title: "trust given in so many words",
      given: { trust: "accept" } as const,
      answers: { update: "skip" },
    },
    {
      title: "other consents",
      given: { "api-key": "use", mcp: "refuse" } as const,
      answers: { update: "skip", "api-key": "use", mcp: "refuse" },
    },
  ])("$title: no consent to trust is left for the agent", ({ given, answers }) => {
    expect(agentConsents(given)).toEqual(answers);
  });
});
