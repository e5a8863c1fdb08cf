import { buildOverrides, trustSettings } from "@trust/codex-overrides";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain } from "../problem-messages.ts";
import { joinArguments } from "./join-arguments.ts";

const context = { platform: "linux", homes: [] } as const;
const trustIn = (...folders: readonly string[]) => trustSettings(buildOverrides(folders, context).overrides);
const trusted = JSON.stringify(trustIn("/w"));
const app = ["--settings", trusted];
const text = (value: unknown): string => JSON.stringify(value);

describe("joinArguments", () => {
  type Row = {
    readonly what: string;
    readonly caller: readonly string[];
    readonly app?: readonly string[];
    readonly args: readonly string[];
  };
  test.each<Row>([
    { what: "puts the app's after the caller's", caller: ["--x"], args: ["--x", ...app] },
    {
      what: "puts the app's before the agent's own arguments",
      caller: ["--x", "--", "-p", "hi"],
      args: ["--x", ...app, "--", "-p", "hi"],
    },
    {
      what: "does not change a --settings of the agent's own",
      caller: ["--", "--settings", "{}"],
      args: [...app, "--", "--settings", "{}"],
    },
    {
      what: "changes nothing without arguments of the app",
      caller: ["--settings", "{}", "--settings={}"],
      app: [],
      args: ["--settings", "{}", "--settings={}"],
    },
    {
      what: "does not merge settings without trust",
      caller: ["--settings", '{ "a":1 }'],
      app: ["--settings", '{"b":2}'],
      args: ["--settings", '{ "a":1 }', "--settings", '{"b":2}'],
    },
    { what: "keeps a --settings without a value", caller: ["--settings"], app: [], args: ["--settings"] },
    {
      what: "merges the caller's settings into the app's",
      caller: ["--settings", '{"a":1}', "--x"],
      args: ["--x", "--settings", text({ a: 1, ...trustIn("/w") })],
    },
    {
      what: "merges several of the caller's, in either spelling",
      caller: ["--settings", '{"a":1}', '--settings={"b":{"c":2},"a":3}'],
      args: ["--settings", text({ a: 3, b: { c: 2 }, ...trustIn("/w") })],
    },
    {
      what: "keeps the caller's own trust beside the app's",
      caller: ["--settings", text(trustIn("/mine", "/w"))],
      args: ["--settings", text(trustIn("/mine", "/w"))],
    },
  ])("$what", ({ caller, app: ours = app, args }) => {
    const before = [...caller];
    expect(joinArguments(caller, ours)).toEqual({ args, diagnostics: [] });
    expect(caller).toEqual(before);
  });

  test.each([
    { what: "switches trust off", settings: { codex: null } },
    {
      what: "replaces the list",
      settings: { codex: { agent_teams_workspace_trust: { config_overrides: "none" } } },
    },
    { what: "names another version", settings: { codex: { agent_teams_workspace_trust: { version: 9 } } } },
  ])("lets no caller win who $what", ({ settings }) => {
    const { args } = joinArguments(["--settings", text(settings)], app);
    expect(args).toHaveLength(2);
    expect(JSON.parse(args[1]!)).toEqual(trustIn("/w"));
  });

  test.each([
    { what: "a file", given: "/etc/settings.json" },
    { what: "broken JSON", given: "{" },
    { what: "deeply nested settings", given: `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}` },
  ])("leaves the app's settings last beside $what of the caller, and says so", ({ given }) => {
    const { args, diagnostics } = joinArguments(["--settings", given], app);
    expect(args).toEqual(["--settings", given, ...app]);
    expect(diagnostics).toEqual([{ code: "settings-not-inline" }]);
    expect(explain(diagnostics[0]!).fix).toContain("inline JSON");
  });

  describe("with a settings file of the caller", () => {
    const files: Readonly<Record<string, string>> = { "/f.json": '{"a":1,"c":{"d":4}}', "/broken.json": "{" };
    const readSettings = (path: string): string | null => files[path] ?? null;
    const joined = (...caller: readonly string[]) => joinArguments(caller, app, readSettings);
    const trust = trustIn("/w");

    test.each<{ what: string; caller: readonly string[]; settings: object }>([
      { what: "the file", caller: ["--settings", "/f.json"], settings: { a: 1, c: { d: 4 }, ...trust } },
      {
        what: "the file in the other spelling",
        caller: ["--settings=/f.json"],
        settings: { a: 1, c: { d: 4 }, ...trust },
      },
      {
        what: "inline settings before it",
        caller: ["--settings", '{"a":0,"b":2}', "--settings", "/f.json"],
        settings: { a: 1, b: 2, c: { d: 4 }, ...trust },
      },
      {
        what: "inline settings before and after it",
        caller: ["--settings", "/f.json", '--settings={"a":5}', "--settings", '{"c":{"e":6}}'],
        settings: { a: 5, c: { d: 4, e: 6 }, ...trust },
      },
    ])("one argument holds the app's settings and $what", ({ caller, settings }) => {
      expect(joined(...caller)).toEqual({ args: ["--settings", expect.any(String)], diagnostics: [] });
      expect(JSON.parse(joined(...caller).args[1]!)).toEqual(settings);
    });

    test.each(["/missing.json", "/broken.json"])(
      "%s stays, and all inline settings are merged after it",
      (path) => {
        const { args, diagnostics } = joined("--settings", path, "--settings", '{"a":1}', "-x");
        expect(args).toEqual(["--settings", path, "-x", "--settings", text({ a: 1, ...trust })]);
        expect(diagnostics).toEqual([{ code: "settings-not-inline" }]);
      },
    );

    test("is not read if the app's settings carry no trust", () => {
      const caller = ["--settings", "/f.json"];
      expect(joinArguments(caller, ["-x"], readSettings)).toEqual({
        args: [...caller, "-x"],
        diagnostics: [],
      });
    });
  });

  test("writes no argument that is too long for the system", () => {
    const large = text({ a: "x".repeat(131_000) });
    const { args, diagnostics } = joinArguments(["--settings", large], app);
    expect(args).toEqual(["--settings", large, ...app]);
    expect(diagnostics).toEqual([{ code: "argument-too-long" }]);
  });

  test("treats __proto__ like any other key", () => {
    const { args } = joinArguments(["--settings", '{"__proto__":{"x":1}}'], app);
    expect(args[1]).toContain('"__proto__":{"x":1}');
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

const words = fc.constantFrom(
  "--settings",
  "--settings={}",
  "{}",
  '{"codex":{}}',
  '{"a":[1]}',
  "--",
  "-p",
  "/f.json",
  "",
);

test("joinArguments keeps our trust in the last settings and loses no argument, for any caller's arguments", () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 8 }), (caller) => {
      const end = caller.includes("--") ? caller.indexOf("--") : caller.length;
      // A `--settings` without a value at the end of the caller's arguments takes our flag as its value.
      fc.pre(caller[end - 1] !== "--settings");
      const { args } = joinArguments(caller, app);
      const tail = caller.slice(end);
      expect(args.slice(args.length - tail.length)).toEqual(tail);
      const flags = args.slice(0, args.length - tail.length);
      expect(JSON.parse(flags.at(-1)!)).toMatchObject(trustIn("/w"));
      const others = (all: readonly string[]) => all.filter((arg) => arg === "-p" || arg === "");
      expect(others(flags).length).toBeLessThanOrEqual(others(caller.slice(0, end)).length);
    }),
  );
});
