import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { limits, mergeSettings, patchClaudeArgs, settingsPatch } from "@trust/codex-overrides";
import { folderContext } from "@trust/codex-overrides/node";
import fc from "fast-check";
import { parse } from "toml";
import { describe, expect, onTestFinished, test } from "vitest";
import { codexLaunchArgs, type CodexLaunchArgs } from "./codex-launch-args.ts";

const slow = { tags: ["slow"] };

/** A home with a config.toml, removed after the test. */
const makeHome = (config = ""): string => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "adapter-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, ".codex"));
  writeFileSync(join(home, ".codex", "config.toml"), config);
  return home;
};

const carrying = (...overrides: readonly unknown[]): object => ({
  codex: { agent_teams_workspace_trust: { config_overrides: overrides } },
});
const override = (folder: string) => `projects."${folder}".trust_level="trusted"` as const;

type Given = {
  readonly args?: readonly string[];
  readonly home?: string;
  readonly version?: string | null;
  readonly takesNoDaemon?: boolean;
};

const argsFor = (
  settings: unknown,
  { args = [], home = makeHome(), version = "0.169.0", takesNoDaemon = false }: Given = {},
): Promise<CodexLaunchArgs> =>
  codexLaunchArgs({ settings, args, cwd: "/srv/app", env: {}, home, version, takesNoDaemon });

const table = (...folders: readonly string[]): string =>
  `projects={${folders.map((folder) => `"${folder}"={trust_level="trusted"}`).join(",")}}`;

describe("codexLaunchArgs", () => {
  test("passes all folders of the settings in one argument, after the caller's own", async () => {
    const settings = carrying(override("/srv/my app.v2"), override("/srv/b"));
    expect(await argsFor(settings, { args: ["-c", 'model="o3"', "exec", "hi"] })).toEqual({
      args: ["-c", 'model="o3"', "-c", table("/srv/b", "/srv/my app.v2"), "exec", "hi"],
      diagnostics: [],
    });
  });

  test.for([
    { what: "another key", value: 'model="o3"', reason: "not-this-shape" },
    { what: "another level", value: 'projects."/srv/a".trust_level="untrusted"', reason: "not-this-shape" },
    { what: "two keys", value: `${override("/srv/a")}\nmodel="x"`, reason: "not-this-shape" },
    { what: "a key after the path", value: override('/a".x."b'), reason: "not-this-shape" },
    { what: "a control character", value: override("/srv/\u0000a"), reason: "control-character" },
    { what: "a line break", value: override("/srv/a\nb"), reason: "control-character" },
    { what: "a relative path", value: override("srv"), reason: "relative-path" },
    { what: "a path with ..", value: override("/srv/../etc"), reason: "dot-segment" },
    { what: "the root", value: override("/"), reason: "root-refused" },
    { what: "a number", value: 7, reason: "not-text" },
    { what: "an endless path", value: override(`/${"a".repeat(99_999)}`), reason: "folder-too-long" },
  ])("drops $what, reports it, and keeps the other overrides", async ({ value, reason }) => {
    const { args, diagnostics } = await argsFor(carrying(value, override("/srv/b")));
    expect(args).toEqual(["-c", table("/srv/b")]);
    expect(diagnostics).toMatchObject([{ code: "override-rejected", reason }]);
  });

  test("drops home", async () => {
    const home = makeHome();
    const { args, diagnostics } = await argsFor(carrying(override(home)), { home });
    expect(args).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: "override-rejected", reason: "home-refused" }]);
  });

  test("drops only the overrides over the limit", async () => {
    const many = Array.from({ length: limits.folders + 5 }, (_, at) => override(`/srv/${at}`));
    const { args, diagnostics } = await argsFor(carrying(...many));
    expect(args[1]?.match(/trusted/g)).toHaveLength(limits.folders);
    expect(diagnostics).toMatchObject([{ code: "override-rejected", reason: "too-many-overrides" }]);
  });

  test.for([
    { what: "not an object", settings: "{}" },
    { what: "null", settings: null },
    {
      what: "another value in the contract's place",
      settings: { codex: { agent_teams_workspace_trust: 1 } },
    },
    {
      what: "another version",
      settings: { codex: { agent_teams_workspace_trust: { version: 2, config_overrides: [] } } },
    },
  ])("takes nothing from settings that are $what, and continues", async ({ settings }) => {
    const { args, diagnostics } = await argsFor(settings, { args: ["exec"] });
    expect(args).toEqual(["exec"]);
    expect(diagnostics).toMatchObject([{ code: "override-rejected", reason: "settings-malformed" }]);
  });

  test("reports nothing if the settings are about other things", async () => {
    const settings = { codex: { forced_login_method: "api" }, theme: "dark" };
    expect(await argsFor(settings)).toEqual({ args: [], diagnostics: [] });
  });

  test("respects a folder that the user marked as untrusted", async () => {
    const home = makeHome('[projects."/srv/a"]\ntrust_level = "untrusted"\n');
    const { args, diagnostics } = await argsFor(carrying(override("/srv/a"), override("/srv/b")), { home });
    expect(args).toEqual(["-c", table("/srv/b")]);
    expect(diagnostics).toMatchObject([{ code: "untrusted-by-user" }]);
  });

  const mine =
    '[projects."/srv/a"]\ntrust_level = "untrusted"\n[projects."/srv/c"]\ntrust_level = "trusted"\n';
  const both =
    '"/srv/a"={trust_level="untrusted"},"/srv/b"={trust_level="trusted"},"/srv/c"={trust_level="trusted"}';
  test.for([
    { version: "0.66.0", argument: `projects={${both}}` },
    { version: null, argument: `projects={${both}}` },
    { version: "0.72.0", argument: table("/srv/b") },
  ])(
    "keeps config.toml's entries for other folders in force, for version $version",
    async ({ version, argument }) => {
      const launch = await argsFor(carrying(override("/srv/b")), { home: makeHome(mine), version });
      expect(launch).toEqual({ args: ["-c", argument], diagnostics: [] });
    },
  );

  test("passes no trust if that would override config.toml's own entries", async () => {
    const folders = Array.from(
      { length: 1_000 },
      (_, at) => `[projects."/${at}${"x".repeat(200)}"]\nx = 1\n`,
    );
    const home = makeHome(folders.join(""));
    const { args, diagnostics } = await argsFor(carrying(override("/srv/a")), { home, version: "0.66.0" });
    expect(args).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: "configured-projects-too-long" }]);
  });

  test("passes no trust if the untrusted folders are unknown", async () => {
    const { args, diagnostics } = await argsFor(carrying(override("/srv/a")), {
      home: makeHome("not = [toml"),
    });
    expect(args).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: "config-invalid" }]);
  });

  test.for([
    { what: "adds --no-daemon", given: ["exec"], takesNoDaemon: true, args: ["--no-daemon", "exec"] },
    { what: "leaves it out for a Codex without it", given: ["exec"], takesNoDaemon: false, args: ["exec"] },
    {
      what: "never adds the flag twice",
      given: ["exec", "--no-daemon"],
      takesNoDaemon: true,
      args: ["exec", "--no-daemon"],
    },
    {
      what: "does not take a prompt for a flag",
      given: ["--", "--no-daemon"],
      takesNoDaemon: true,
      args: ["--no-daemon", "--", "--no-daemon"],
    },
  ])("$what", async ({ given, takesNoDaemon, args }) => {
    expect((await argsFor({}, { args: given, takesNoDaemon })).args).toEqual(args);
  });

  test("adds nothing to arguments that already trust the folder", async () => {
    const settings = carrying(override("/srv/a"));
    const once = await argsFor(settings, { takesNoDaemon: true });
    expect(await argsFor(settings, { args: once.args, takesNoDaemon: true })).toEqual(once);
  });

  test("starts a Codex teammate with the settings that it inherits from its Claude lead", async () => {
    const home = makeHome();
    const patch = settingsPatch({
      targetSurface: "cross_provider_member_args",
      overrides: [override("/srv/a")],
      sourceWorkspaceIds: ["team/lead"],
    });
    const forced = '{"codex":{"forced_login_method":"api"},"theme":"dark"}';
    const leadArgs = ["--model", "opus", "--effort", "high", "--settings", forced];
    const context = await folderContext(home);
    const lead = patchClaudeArgs(leadArgs, "cross_provider_member_args", [patch], context).args;
    expect(lead).not.toContain("-c");
    // A runtime passes its own flags on to a teammate, except those for the lead's provider.
    const inherited = lead.slice(lead.indexOf("--settings"));
    const own = mergeSettings(JSON.parse(inherited[1] ?? "") as object as Record<string, unknown>, [
      override("/srv/b"),
    ]);
    expect(own).toMatchObject({
      ok: true,
      value: { theme: "dark", codex: { forced_login_method: "api" } },
    });
    const teammate = own.ok ? await argsFor(own.value, { home }) : null;
    expect(teammate).toEqual({ args: ["-c", table("/srv/a", "/srv/b")], diagnostics: [] });
  });
});

/** Settings as any sender could write them: any JSON, and JSON similar to the contract. */
const hostilePath = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("/", "..", ".", "a", '"', "\\", "\n", "\0", "{", "}", "=", " -c "), {
      maxLength: 12,
    })
    .map((parts) => parts.join("")),
  fc.webPath(),
  fc.constantFrom("tmp", "tmp/a", 'a"b', "C:\\\\a"),
);
const hostileOverride = fc.oneof(
  hostilePath.map((path) => `projects."${path}".trust_level="trusted"`),
  hostilePath.map((path) => `projects."/${path}".trust_level="trusted"`),
  fc.string(),
  fc.jsonValue(),
);
const hostileSettings = fc.oneof(
  fc.jsonValue(),
  fc.array(hostileOverride, { maxLength: 8 }).map((overrides) => carrying(...overrides)),
  fc.record({ codex: fc.record({ agent_teams_workspace_trust: fc.jsonValue() }) }),
);

/** The folders of an argument, read by a TOML parser: one table of folders, each with only a trust level. */
const foldersIn = (argument = ""): readonly string[] => {
  const { projects, ...rest } = parse(argument);
  expect(rest).toEqual({});
  const entries = Object.entries(projects as object);
  for (const [, entry] of entries) expect(entry).toEqual({ trust_level: "trusted" });
  return entries.map(([folder]) => folder);
};

test("passes nothing from hostile settings that the contract does not allow", slow, async () => {
  const home = makeHome();
  const own = ["-m", "o3", "exec"];
  await fc.assert(
    fc.asyncProperty(hostileSettings, async (settings) => {
      const { args, diagnostics } = await argsFor(settings, { home, args: own });
      expect(args.slice(-own.length)).toEqual(own);
      const [flag, argument, ...more] = args.slice(0, -own.length);
      expect([flag, ...more]).toEqual(argument === undefined ? [undefined] : ["-c"]);
      for (const folder of argument === undefined ? [] : foldersIn(argument)) {
        // A path that `resolve` does not change is absolute, without dots, and without extra slashes.
        expect(resolve(folder)).toBe(folder);
        expect(["/", dirname(home), home]).not.toContain(folder);
        expect(folder).not.toMatch(/\p{Cc}/u);
      }
      expect(JSON.stringify(diagnostics).length).toBeLessThan(10_000);
    }),
  );
});
