import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildOverrides } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import { mergeSettings, readTrustSettings, trustSettings } from "./trust-settings.ts";

const context: FolderContext = { platform: "linux", homes: ["/home/ada"] };
const overridesFor = (...folders: string[]) => buildOverrides(folders, context).overrides;
const [a, b] = [overridesFor("/a")[0]!, overridesFor("/b")[0]!];
const at = (trust: unknown) => ({ codex: { agent_teams_workspace_trust: trust } });

describe("readTrustSettings takes", () => {
  test.each([
    { what: "the seed's shape", settings: at({ config_overrides: [a, b] }), folders: ["/a", "/b"] },
    { what: "version 1", settings: at({ version: 1, config_overrides: [a] }), folders: ["/a"] },
    {
      what: "it beside keys it does not know",
      settings: at({ x: 1, config_overrides: [a] }),
      folders: ["/a"],
    },
    { what: "an empty list", settings: at({ config_overrides: [] }), folders: [] },
    { what: "settings about other things", settings: { codex: { forced_login_method: "api" } }, folders: [] },
    { what: "settings without codex", settings: { model: "x" }, folders: [] },
    { what: "no settings", settings: {}, folders: [] },
  ])("$what", ({ settings, folders }) => {
    expect(readTrustSettings(settings, context)).toMatchObject({ folders, rejected: [] });
  });

  test("the good folders beside a bad one", () => {
    const settings = at({ config_overrides: [a, 'projects."/".trust_level="trusted"', b] });
    expect(readTrustSettings(settings, context)).toEqual({
      folders: ["/a", "/b"],
      overrides: [a, b],
      rejected: [{ code: "root-refused", index: 1 }],
    });
  });
});

describe("readTrustSettings takes nothing of", () => {
  const whole = "codex.agent_teams_workspace_trust";
  test.each([
    { what: "null", settings: null, place: "" },
    { what: "a list", settings: [at({ config_overrides: [a] })], place: "" },
    { what: "a text", settings: JSON.stringify(at({ config_overrides: [a] })), place: "" },
    { what: "codex that is no object", settings: { codex: [] }, place: "codex" },
    { what: "trust that is no object", settings: at([a]), place: whole },
    { what: "trust without a list", settings: at({}), place: `${whole}.config_overrides` },
    {
      what: "one override in the list's place",
      settings: at({ config_overrides: a }),
      place: `${whole}.config_overrides`,
    },
    {
      what: "an object in the list's place",
      settings: at({ config_overrides: { 0: a } }),
      place: `${whole}.config_overrides`,
    },
    {
      what: "another version",
      settings: at({ version: 2, config_overrides: [a] }),
      place: `${whole}.version`,
    },
    {
      what: "a version as text",
      settings: at({ version: "1", config_overrides: [a] }),
      place: `${whole}.version`,
    },
  ])("$what", ({ settings, place }) => {
    expect(readTrustSettings(settings, context)).toEqual({
      folders: [],
      overrides: [],
      rejected: [{ code: "settings-malformed", at: place }],
    });
  });
});

describe("mergeSettings", () => {
  const merged = (...given: Parameters<typeof mergeSettings>) => {
    const result = mergeSettings(...given);
    return result.ok ? result.value : result.error;
  };

  test("makes the contract's object where there is none", () => {
    expect(merged({}, [a])).toEqual(trustSettings([a]));
  });

  test("keeps forced logins and every key it does not know, on every level", () => {
    const existing = {
      permissions: { allow: ["x"] },
      codex: {
        forced_login_method: "chatgpt",
        forced_chatgpt_workspace_id: "w",
        agent_teams_workspace_trust: { note: { deep: [1] }, config_overrides: [b] },
      },
    };
    expect(merged(existing, [a])).toEqual({
      ...existing,
      codex: {
        ...existing.codex,
        agent_teams_workspace_trust: { version: 1, note: { deep: [1] }, config_overrides: [b, a] },
      },
    });
  });

  test("changes nothing in what it was given", () => {
    const existing = Object.freeze({
      codex: Object.freeze(at({ config_overrides: Object.freeze([b]) }).codex),
    });
    merged(existing, [a]);
    expect(existing).toEqual(at({ config_overrides: [b] }));
  });

  test("adds nothing twice, and hands back the same object then", () => {
    const once = merged({ codex: { x: 1 } }, [a, b]) as Record<string, unknown>;
    expect(merged(once, [b, a])).toBe(once);
    expect(merged(merged({}, [a]) as Record<string, unknown>, [a, b])).toEqual(trustSettings([a, b]));
  });

  test("keeps a key called __proto__", () => {
    const existing = JSON.parse('{"__proto__":{"x":1},"codex":{"__proto__":{"y":2}}}') as Record<
      string,
      unknown
    >;
    const text = JSON.stringify(merged(existing, [a]));
    expect(text).toContain('"__proto__":{"x":1}');
    expect(text).toContain('"__proto__":{"y":2}');
  });

  test.each([
    { what: "codex", existing: { codex: "x" }, place: "codex" },
    { what: "codex that is null", existing: { codex: null }, place: "codex" },
    {
      what: "another version",
      existing: at({ version: 2, config_overrides: [] }),
      place: "codex.agent_teams_workspace_trust.version",
    },
    {
      what: "a list that is none",
      existing: at({ config_overrides: 1 }),
      place: "codex.agent_teams_workspace_trust.config_overrides",
    },
  ])("does not write over $what", ({ existing, place }) => {
    expect(merged(existing, [a])).toEqual({ code: "settings-malformed", at: place });
  });
});

describe("whatever the settings are", () => {
  const values = fc.array(fc.oneof(fc.constantFrom(a, b), fc.anything(), fc.string()), { maxLength: 6 });
  const anySettings = fc.oneof(
    fc.anything(),
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.record({ codex: fc.oneof(fc.anything(), fc.record({ agent_teams_workspace_trust: fc.anything() })) }),
    fc
      .record(
        {
          version: fc.oneof(fc.constant(1), fc.anything()),
          config_overrides: fc.oneof(values, fc.anything()),
          x: fc.anything(),
        },
        { requiredKeys: [] },
      )
      .map(at),
  );

  test("reading them ends well, and gives nothing but overrides", { tags: ["slow"] }, () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { folders, overrides } = readTrustSettings(settings, context);
        expect(buildOverrides(folders, context)).toEqual({ folders, overrides, rejected: [] });
      }),
    );
  });

  test("what is merged into them is read out of them again", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (existing) => {
        const result = mergeSettings(existing, [a]);
        if (result.ok) expect(readTrustSettings(result.value, context).overrides).toEqual([a]);
        else expect(existing).toHaveProperty("codex");
      }),
    );
  });

  test("a million values take one pass over the first of them", { tags: ["slow"] }, () => {
    const settings = at({ config_overrides: Array.from({ length: 1_000_000 }, () => a) });
    const { rejected } = readTrustSettings(settings, context);
    expect(rejected.length).toBe(1_024);
  });
});
