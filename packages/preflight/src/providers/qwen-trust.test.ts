import { describe, expect, test } from "vitest";
import { asksForTrust, qwenDecidingRule } from "./qwen-trust.ts";

const enabled = (value: unknown) => ({ security: { folderTrust: { enabled: value } } });

describe("asksForTrust", () => {
  test.each([
    { what: "no settings file has the setting", settings: [{}, null, 7], asks: false },
    { what: "the user enabled it", settings: [{}, enabled(true), {}, {}], asks: true },
    {
      what: "the project disabled it again",
      settings: [{}, enabled(true), enabled(false), {}],
      asks: false,
    },
    {
      what: "the system's settings override all others",
      settings: [{}, {}, enabled(false), enabled(true)],
      asks: true,
    },
    { what: "the setting is a text, a near miss", settings: [enabled("true")], asks: false },
  ])("is $asks if $what", ({ settings, asks }) => {
    expect(asksForTrust(settings)).toBe(asks);
  });
});

describe("the rule that decides for Qwen", () => {
  const trusted = (covers: string) => ({ key: covers, covers, level: "TRUST_FOLDER" }) as const;
  const refused = (covers: string) => ({ key: covers, covers, level: "DO_NOT_TRUST" }) as const;
  /** The entry of a child that applies to the folder above it. */
  const parentOf = (key: string, covers: string) => ({ key, covers, level: "TRUST_PARENT" }) as const;
  test.each([
    { what: "the deeper refusal", rules: [refused("/w/a"), trusted("/w")], decides: 0 },
    { what: "the deeper trust", rules: [refused("/w"), trusted("/w/a")], decides: 1 },
    {
      what: "the refusal if two rules apply to one folder",
      rules: [parentOf("/w/a/child", "/w/a"), refused("/w/a")],
      decides: 1,
    },
    {
      what: "the rule for the deeper folder, not the one with the longer key",
      rules: [parentOf("/w/long-name", "/w"), refused("/w/a")],
      decides: 1,
    },
    {
      what: "not the rule of a folder whose name begins the same",
      rules: [trusted("/w/ab"), refused("/w")],
      decides: 1,
    },
  ])("is $what", ({ rules, decides }) => {
    expect(qwenDecidingRule(rules, "/w/a", "linux")).toBe(rules[decides]);
  });

  test("is null if no entry is about the folder", () => {
    expect(qwenDecidingRule([trusted("/w/b")], "/w/a", "linux")).toBeNull();
  });
});
