import { describe, expect, test } from "vitest";
import { providers as agentClis } from "@gatehouse/std";
import { providers, resolveProvider } from "./provider.ts";

test("echo is a provider of a configuration alone: what starts CLIs does not know it", () => {
  expect(providers).toEqual([...agentClis, "echo"]);
  expect(agentClis).not.toContain("echo");
});

describe("resolveProvider", () => {
  test.each([
    { says: "the session's wins", session: "codex", config: "opencode", provider: "codex" },
    {
      says: "without it the configuration's counts",
      session: null,
      config: "opencode",
      provider: "opencode",
    },
    { says: "with neither it is claude", session: null, config: null, provider: "claude" },
    { says: "a session's is written in lower case", session: "CODEX", config: null, provider: "codex" },
    {
      says: "a configuration's is written in lower case",
      session: null,
      config: "Claude",
      provider: "claude",
    },
    { says: "a session's empty text is unset", session: "", config: "opencode", provider: "opencode" },
    { says: "a configuration's empty text is unset", session: null, config: "", provider: "claude" },
    { says: "what is not there is unset", session: undefined, config: undefined, provider: "claude" },
  ])("$says", ({ session, config, provider }) => {
    expect(resolveProvider({ agent_provider: session }, { provider: config })).toBe(provider);
  });
});
