import type { Provider } from "@gatehouse/std";
import { describe, expect, test } from "vitest";
import { unusedSettings } from "./unused-settings.ts";

const trust = { agent_teams_workspace_trust: { version: 1, config_overrides: [] } };

describe("settings without effect", () => {
  test.for<{ what: string; settings: unknown; provider?: Provider; named: string | null }>([
    { what: "none", settings: {}, named: null },
    { what: "Codex's trust alone", settings: { codex: trust }, named: null },
    {
      what: "a login beside the trust",
      settings: { codex: { ...trust, forced_login_method: "chatgpt" } },
      named: "codex.forced_login_method",
    },
    {
      what: "others at the top",
      settings: { codex: trust, model: "x", env: { KEY: "sk-secret" } },
      named: "model, env",
    },
    {
      what: "one for Claude, where Codex's part is Codex's",
      settings: { codex: trust, model: "x" },
      provider: "claude",
      named: "model",
    },
    { what: "a list, which is no settings", settings: [1], named: null },
  ])("are named, and their values are not: $what", ({ settings, provider = "codex", named }) => {
    const told = unusedSettings(settings, provider);
    if (named === null) return expect(told).toBe(null);
    expect(told).toMatchObject({ code: "settings-unused" });
    expect(told?.message).toContain(`no effect here: ${named}.`);
    expect(told?.message).not.toMatch(/chatgpt|sk-secret/);
  });
});
