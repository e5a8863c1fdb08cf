import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildOverrides } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import { mergeSettings, readTrustSettings, trustSettings } from "./trust-settings.ts";

const context: FolderContext = { platform: "linux", homes: ["/home/ada"] };
const overridesFor = (...folders: string[]) => buildOverrides(folders, context).overrides;
const [a, b] = [overridesFor("/a")[0]!, overridesFor("/b")[0]!];
const at = (trust: unknown) => ({ codex: { agent_teams_workspace_trust: trust } });

describe("readTrustSettings accepts", () => {
  test.each([
    { what: "the seed's shape", settings: at({ config_overrides: [a, b] }), folders: ["/a", "/b"] },
    { what: "version 1", settings: at({ version: 1, config_overrides: [a] }), folders: ["/a"] },
    {
      what: "unknown keys beside the list",
      settings: at({ x: 1, config_overrides: [a] }),
      folders: ["/a"],
    },
    { what: "an empty list", settings: at({ config_overrides: [] }), folders: [] },
    { what: "settings for other features", settings: { codex: { forced_login_method: "api" } }, folders: [] },
    { what: "settings without codex", settings: { model: "x" }, folders: [] },
    { what: "no settings", settings: {}, folders: [] },
  ])("$what", ({ settings, folders }) => {
    expect(readTrustSettings(settings, context)).toMatchObject({ folders, rejected: [] });
  });

  test("the valid folders beside an invalid one", () => {
    const settings = at({ config_overrides: [a, 'projects."/".trust_level="trusted"', b] });
    expect(readTrustSettings(settings, context)).toEqual({
      folders: ["/a", "/b"],
      overrides: [a, b],
      rejected: [{ code: "root-refused", index: 1 }],
    });
  });
});

describe("readTrustSettings accepts no value of", () => {
  const whole = "codex.agent_teams_workspace_trust";
  test.each([
    { what: "null", settings: null, place: "" },
    { what: "a list", settings: [at({ config_overrides: [a] })], place: "" },
    { what: "a text", settings: JSON.stringify(at({ config_overrides: [a] })), place: "" },
    { what: "codex that is not an object", settings: { codex: [] }, place: "codex" },
    { what: "trust that is not an object", settings: at([a]), place: whole },
    { what: "trust without a list", settings: at({}), place: `${whole}.config_overrides` },
    {
      what: "one override instead of the list",
      settings: at({ config_overrides: a }),
      place: `${whole}.config_overrides`,
    },
    {
      what: "an object instead of the list",
      settings: at({ config_overrides: { 0: a } }),
      place: `${whole}.config_overrides`,
    },
    {
      what: "another version",
      settings: at({ version: 2, config_overrides: [a] }),
      place: `${whole}.version`,
    },
    {
      what: "a version that is a text",
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

  test("creates the contract's object if it is missing", () => {
    expect(merged({}, [a])).toEqual(trustSettings([a]));
  });

  test("keeps forced logins and unknown keys on every level", () => {
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

  test("does not change its input", () => {
    const existing = Object.freeze({
      codex: Object.freeze(at({ config_overrides: Object.freeze([b]) }).codex),
    });
    merged(existing, [a]);
    expect(existing).toEqual(at({ config_overrides: [b] }));
  });

  test("adds no override twice, and returns the same object if nothing is added", () => {
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
      what: "a number instead of the list",
      existing: at({ config_overrides: 1 }),
      place: "codex.agent_teams_workspace_trust.config_overrides",
    },
  ])("does not overwrite $what", ({ existing, place }) => {
    expect(merged(existing, [a])).toEqual({ code: "settings-malformed", at: place });
  });
});

describe("for any settings", () => {
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

  test(
    "reading never throws, and gives only overrides that buildOverrides writes",
    { tags: ["slow"] },
    () => {
      fc.assert(
        fc.property(anySettings, (settings) => {
          const { folders, overrides } = readTrustSettings(settings, context);
          expect(buildOverrides(folders, context)).toEqual({ folders, overrides, rejected: [] });
        }),
      );
    },
  );

  test("overrides that are merged are read back", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (existing) => {
        const result = mergeSettings(existing, [a]);
        if (result.ok) expect(readTrustSettings(result.value, context).overrides).toEqual([a]);
        else expect(existing).toHaveProperty("codex");
      }),
    );
  });

  test("only the first of a million values are read", { tags: ["slow"] }, () => {
    const settings = at({ config_overrides: Array.from({ length: 1_000_000 }, () => a) });
    const { rejected } = readTrustSettings(settings, context);
    expect(rejected.length).toBe(1_024);
  });
});
