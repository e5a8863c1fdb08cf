import type { Provider } from "@gatehouse/provider-facts";
import { describe, expect, test } from "vitest";
import { unusedSettings } from "./unused-settings.ts";

const trust = { agent_teams_workspace_trust: { version: 1, config_overrides: [] } };

describe("settings without effect", () => {
  test.for<{ what: string; settings: unknown; provider?: Provider; named: string | null }>([
    { what: "none", settings: {}, named: null },
    { what: "only Codex's trust", settings: { codex: trust }, named: null },
    {
      what: "a login next to the trust",
      settings: { codex: { ...trust, forced_login_method: "chatgpt" } },
      named: "codex.forced_login_method",
    },
    {
      what: "other settings at the top level",
      settings: { codex: trust, model: "x", env: { KEY: "sk-secret" } },
      named: "model, env",
    },
    {
      what: "a Claude setting, while Codex's part belongs to Codex",
      settings: { codex: trust, model: "x" },
      provider: "claude",
      named: "model",
    },
    { what: "a list, which is not a settings object", settings: [1], named: null },
  ])("are named without their values: $what", ({ settings, provider = "codex", named }) => {
    const diagnostic = unusedSettings(settings, provider);
    if (named === null) return expect(diagnostic).toBe(null);
    expect(diagnostic).toMatchObject({ code: "settings-unused" });
    expect(diagnostic?.message).toContain(`no effect here: ${named}.`);
    expect(diagnostic?.message).not.toMatch(/chatgpt|sk-secret/);
  });
});
