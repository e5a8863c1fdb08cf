import { describe, expect, test } from "vitest";
import { providers as agentClis } from "@gatehouse/provider-facts";
import { providers, resolveProvider } from "./provider.ts";

test("the providers are the known CLIs and our own, each once", () => {
  expect(providers).toEqual(expect.arrayContaining([...agentClis, "echo"]));
  expect(new Set(providers).size).toBe(providers.length);
});

describe("resolveProvider", () => {
  test.each([
    { says: "the session's provider wins", session: "codex", config: "opencode", provider: "codex" },
    {
      says: "the configuration's provider is used if the session has none",
      session: null,
      config: "opencode",
      provider: "opencode",
    },
    { says: "claude is used if neither has one", session: null, config: null, provider: "claude" },
    {
      says: "a session's provider is written in lower case",
      session: "CODEX",
      config: null,
      provider: "codex",
    },
    {
      says: "a configuration's provider is written in lower case",
      session: null,
      config: "Claude",
      provider: "claude",
    },
    { says: "a session's empty text counts as unset", session: "", config: "opencode", provider: "opencode" },
    { says: "a configuration's empty text counts as unset", session: null, config: "", provider: "claude" },
    { says: "undefined counts as unset", session: undefined, config: undefined, provider: "claude" },
  ])("$says", ({ session, config, provider }) => {
    expect(resolveProvider({ agent_provider: session }, { provider: config })).toBe(provider);
  });
});
