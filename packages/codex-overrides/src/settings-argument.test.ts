import { describe, expect, test } from "vitest";
import { buildOverrides } from "./config-override.ts";
import { mergeSettingsArgument } from "./settings-argument.ts";
import { trustSettings } from "./trust-settings.ts";

const { overrides } = buildOverrides(["/a"], { platform: "linux", homes: [] });
const ours = JSON.stringify(trustSettings(overrides));
const merged = (args: readonly string[]) => {
  const result = mergeSettingsArgument(args, overrides);
  return result.ok ? result.value : result.error;
};
const both =
  '{"model":"x","codex":{"agent_teams_workspace_trust":{"version":1,"config_overrides":["projects.\\"/a\\".trust_level=\\"trusted\\""]}}}';

/** Whether JSON of this depth can be written again. */
const isWritten = (text: string): boolean => {
  try {
    return JSON.stringify(JSON.parse(text)) === text;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

describe("mergeSettingsArgument", () => {
  test.each([
    { what: "adds settings at the start", args: ["-p", "x"], result: ["--settings", ours, "-p", "x"] },
    {
      what: "merges with --settings",
      args: ["--settings", '{"model":"x"}', "p"],
      result: ["--settings", both, "p"],
    },
    { what: "merges with --settings=", args: ['--settings={"model":"x"}'], result: [`--settings=${both}`] },
    {
      what: "merges with the last settings, which are in effect",
      args: ["--settings", '{"model":"y"}', "--settings", '{"model":"x"}'],
      result: ["--settings", '{"model":"y"}', "--settings", both],
    },
    {
      what: "reads no flags after --",
      args: ["--", "--settings", "{}"],
      result: ["--settings", ours, "--", "--settings", "{}"],
    },
    {
      what: "does not read --settings-x as --settings",
      args: ["--settings-x", "{}"],
      result: ["--settings", ours, "--settings-x", "{}"],
    },
  ])("$what", ({ args, result }) => expect(merged(args)).toEqual(result));

  test("leaves a text with all the overrides unchanged, including its spaces", () => {
    const args = ["--settings", ` ${both.replace('{"model"', '{ "model"')}`];
    expect(merged(args)).toBe(args);
  });

  test("does not change the argv without folders", () => {
    const args = ["-p"];
    expect(mergeSettingsArgument(args, [])).toEqual({ ok: true, value: args });
  });

  test.each([
    { what: "a file", text: "/home/ada/settings.json", error: { code: "settings-not-inline" } },
    { what: "broken JSON", text: "{", error: { code: "settings-not-inline" } },
    { what: "a list", text: "[]", error: { code: "settings-not-inline" } },
    { what: "an empty text", text: "", error: { code: "settings-not-inline" } },
    { what: "codex as a text", text: '{"codex":"x"}', error: { code: "settings-malformed", at: "codex" } },
  ])("does not change $what", ({ text, error }) => {
    expect(merged(["--settings", text])).toEqual(error);
  });

  test("does not change JSON that overflows the stack", () => {
    const text = `{"x":${"[".repeat(60_000)}${"]".repeat(60_000)}}`;
    // Node 26 writes it, and then the argument has the overrides.
    expect(merged(["--settings", text])).toEqual(
      isWritten(text) ? expect.arrayContaining(["--settings"]) : { code: "settings-not-inline" },
    );
  });

  test("refuses a text that is too long for an argument", () => {
    const args = ["--settings", JSON.stringify({ x: "y".repeat(131_000) })];
    expect(merged(args)).toMatchObject({ code: "argument-too-long", limit: 131_071 });
  });
});
