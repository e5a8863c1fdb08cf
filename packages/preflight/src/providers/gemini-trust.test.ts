import type { Platform } from "@trust/claude-state-probe";
import { describe, expect, test } from "vitest";
import { decidingRule, geminiLaunch, geminiRules, isWithin, type PlacedRule } from "./gemini-trust.ts";

const rule = (key: string, level: PlacedRule["level"], covers = key): PlacedRule => ({ key, level, covers });

describe("geminiRules", () => {
  test("returns the file's entries", () => {
    expect(geminiRules({ "/w": "TRUST_FOLDER" })).toEqual({
      ok: true,
      value: [{ key: "/w", level: "TRUST_FOLDER" }],
    });
  });

  const refused = [
    { what: "a value that is not an object", parsed: [] },
    { what: "nothing", parsed: null },
    { what: "an unknown level", parsed: { "/w": "TRUST_FOLDER", "/v": "MAYBE" } },
    { what: "a level that is not a text", parsed: { "/w": true } },
  ];
  test.each(refused)("refuses $what", ({ parsed }) => {
    expect(geminiRules(parsed).ok).toBe(false);
  });
});

describe("the rule that decides for Gemini", () => {
  const rows: readonly { what: string; rules: readonly PlacedRule[]; key: string | null }[] = [
    { what: "the folder's own entry", rules: [rule("/w/a", "TRUST_FOLDER")], key: "/w/a" },
    { what: "the entry of a folder above", rules: [rule("/w", "DO_NOT_TRUST")], key: "/w" },
    {
      what: "not the entry of a folder whose name begins the same",
      rules: [rule("/w/ab", "TRUST_FOLDER")],
      key: null,
    },
    { what: "not the entry of a folder below", rules: [rule("/w/a/b", "TRUST_FOLDER")], key: null },
    {
      what: "the nearer entry",
      rules: [rule("/w", "TRUST_FOLDER"), rule("/w/a", "DO_NOT_TRUST")],
      key: "/w/a",
    },
    {
      what: "a neighbour's entry that trusts the parent",
      rules: [rule("/w/neighbour", "TRUST_PARENT", "/w")],
      key: "/w/neighbour",
    },
    {
      what: "the entry with the longest key as written, although its folder is farther away",
      rules: [rule("/w/neighbour", "TRUST_PARENT", "/w"), rule("/w/a", "DO_NOT_TRUST")],
      key: "/w/neighbour",
    },
    { what: "the entry of the file system's root", rules: [rule("/", "TRUST_FOLDER")], key: "/" },
  ];
  test.each(rows)("is $what", ({ rules, key }) => {
    expect(decidingRule(rules, "/w/a", "linux")?.key ?? null).toBe(key);
    expect(decidingRule([...rules].reverse(), "/w/a", "linux")?.key ?? null).toBe(key);
  });
});

describe("geminiLaunch", () => {
  const rows = [
    { version: "0.61.0", args: ["--skip-trust"] },
    { version: "0.39.1", args: ["--skip-trust"] },
    { version: "0.38.2", args: [] },
    { version: null, args: [] },
  ];
  test.each(rows)("has $args and the variable for version $version", ({ version, args }) => {
    expect(geminiLaunch(version)).toEqual({
      settings: null,
      args,
      env: { GEMINI_CLI_TRUST_WORKSPACE: "true" },
    });
  });
});

describe("isWithin", () => {
  test.each<{ platform: Platform; folder: string; above: string; is: boolean }>([
    { platform: "linux", folder: "/w/a", above: "/w", is: true },
    { platform: "linux", folder: "/w/a\\b", above: "/w/a", is: false },
    { platform: "darwin", folder: "/Users/ada/x", above: "/Users/ada", is: true },
    { platform: "darwin", folder: "/Users/ada/x", above: "/users/ada", is: false },
    { platform: "win32", folder: "C:\\Repo\\x", above: "C:\\Repo", is: true },
    { platform: "win32", folder: "C:\\Repo\\x", above: "C:/", is: true },
    { platform: "win32", folder: "C:\\Repository", above: "C:\\Repo", is: false },
    { platform: "win32", folder: "C:\\Repo\\x", above: "c:\\Repo", is: false },
  ])("$platform: $folder within $above is $is", ({ platform, folder, above, is }) => {
    expect(isWithin(folder, above, platform)).toBe(is);
  });
});
