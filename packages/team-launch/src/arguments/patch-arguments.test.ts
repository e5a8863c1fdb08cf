import { readFileSync } from "node:fs";
import { buildOverrides, settingsPatch, splitSettings, type TrustSurface } from "@trust/codex-overrides";
import type { Provider } from "@trust/preflight";
import { describe, expect, test } from "vitest";
import { defaultFlags, type LaunchFlags } from "../flags.ts";
import { trustPolicy } from "../trust-policy.ts";
import { launchArguments, type ArgumentsByProvider, type LaunchArguments } from "./launch-arguments.ts";
import { launchSurfaces, patchArguments, type SettingsPatch } from "./patch-arguments.ts";

const context = { platform: "linux", homes: ["/home/ada"] } as const;
const overridesOf = (...folders: readonly string[]) => buildOverrides(folders, context).overrides;
const patchesOf = (folders: readonly string[], surfaces = launchSurfaces): readonly SettingsPatch[] =>
  surfaces.map((targetSurface) =>
    settingsPatch({ targetSurface, overrides: overridesOf(...folders), sourceWorkspaceIds: [...folders] }),
  );

const login = '{"forced_login_method":"chatgpt"}';
const runtime: ArgumentsByProvider = {
  claude: ["--settings", '{"env":{"A":"1"}}'],
  codex: ["--verbose", "--settings", login],
};
const teamOf = (...all: readonly Provider[]) =>
  all.map((provider, index) => ({ provider, role: index === 0 ? ("lead" as const) : ("member" as const) }));
const argumentsOf = (...all: readonly Provider[]): LaunchArguments =>
  launchArguments(teamOf(...all), runtime);

/** The settings in effect in an argv. */
const settingsIn = (args: readonly string[]): unknown => splitSettings(args).settings;
const trust = (...folders: readonly string[]) => ({
  codex: { agent_teams_workspace_trust: { version: 1, config_overrides: overridesOf(...folders) } },
});

describe("launchArguments", () => {
  test("returns the lead's arguments as primary, the others' concatenated, and all by provider", () =>
    expect(
      launchArguments(teamOf("claude", "codex", "claude", "gemini", "codex"), { ...runtime, gemini: ["-g"] }),
    ).toEqual({
      primary: { provider: "claude", args: runtime.claude },
      crossProvider: [...runtime.codex!, "-g"],
      byProvider: { claude: runtime.claude, codex: runtime.codex, gemini: ["-g"] },
    }));

  test("finds the lead at any position, and accepts a provider without arguments", () => {
    const [lead, member] = teamOf("pi", "codex");
    expect(launchArguments([member!, lead!], runtime)).toMatchObject({
      primary: { provider: "pi", args: [] },
      crossProvider: runtime.codex,
    });
  });
});

describe("patchArguments", () => {
  type Row = {
    readonly what: string;
    readonly team: readonly Provider[];
    readonly patched: readonly string[];
  };
  test.each<Row>([
    { what: "an Anthropic-only team gets no trust", team: ["claude", "claude"], patched: [] },
    { what: "a pure OpenCode team gets no trust", team: ["opencode"], patched: [] },
    {
      what: "a Codex lead gets trust in the primary arguments",
      team: ["codex"],
      patched: ["primary", "codex"],
    },
    {
      what: "an Anthropic lead with a Codex member passes trust on, and keeps its own arguments",
      team: ["claude", "codex"],
      patched: ["crossProvider", "codex"],
    },
    {
      what: "a Codex lead with an Anthropic member passes no trust on",
      team: ["codex", "claude"],
      patched: ["primary", "codex"],
    },
    {
      what: "a Gemini lead with Anthropic and Codex members passes trust on",
      team: ["gemini", "claude", "codex"],
      patched: ["crossProvider", "codex"],
    },
  ])("patches by the team's providers: $what", ({ team, patched }) => {
    const before = argumentsOf(...team);
    const { arguments: after, diagnostics } = patchArguments(before, patchesOf(["/w"]), context);
    const changed = [
      ...(after.primary.args === before.primary.args ? [] : ["primary"]),
      ...(after.crossProvider === before.crossProvider ? [] : ["crossProvider"]),
      ...Object.keys(after.byProvider).filter(
        (name) => after.byProvider[name as Provider] !== before.byProvider[name as Provider],
      ),
    ];
    expect(changed).toEqual(patched);
    expect(diagnostics).toEqual([]);
    if (patched.length === 0) expect(after).toBe(before);
  });

  test("keeps forced logins in the same settings", () => {
    const { arguments: after } = patchArguments(argumentsOf("codex"), patchesOf(["/w"]), context);
    expect(after.primary.args.slice(0, 2)).toEqual(["--verbose", "--settings"]);
    expect(settingsIn(after.primary.args)).toEqual({ forced_login_method: "chatgpt", ...trust("/w") });
    expect(settingsIn(after.byProvider.codex ?? [])).toEqual(settingsIn(after.primary.args));
  });

  test("never adds the argument -c, which Claude Code reads as --continue", () => {
    const { arguments: after } = patchArguments(argumentsOf("claude", "codex"), patchesOf(["/w"]), context);
    const all = [...after.primary.args, ...after.crossProvider, ...Object.values(after.byProvider).flat()];
    expect(all.filter((arg) => arg === "-c" || arg.startsWith("-c=") || arg.startsWith("--config"))).toEqual(
      [],
    );
  });
});

describe("patchArguments, called several times,", () => {
  const early = patchesOf(["/w"]);
  const full = patchesOf(["/w", "/trees/cy"]);
  test.each<{ what: string; steps: readonly (readonly SettingsPatch[])[]; folders: readonly string[] }>([
    { what: "early patches alone", steps: [early], folders: ["/w"] },
    { what: "early patches twice", steps: [early, early], folders: ["/w"] },
    { what: "early, then full patches", steps: [early, full], folders: ["/w", "/trees/cy"] },
    { what: "full patches, then early ones", steps: [full, early], folders: ["/w", "/trees/cy"] },
    {
      what: "early and full patches, and both again for a retry",
      steps: [early, full, early, full],
      folders: ["/w", "/trees/cy"],
    },
    { what: "all patches in one step", steps: [[...early, ...full, ...early]], folders: ["/w", "/trees/cy"] },
  ])("adds each folder once: $what", ({ steps, folders }) => {
    const before = argumentsOf("claude", "codex");
    const kept = structuredClone(before);
    const after = steps.reduce((args, patches) => patchArguments(args, patches, context).arguments, before);
    expect(settingsIn(after.crossProvider)).toEqual({ forced_login_method: "chatgpt", ...trust(...folders) });
    expect(after.crossProvider).toHaveLength(before.crossProvider.length);
    expect(before).toEqual(kept);
  });
});

describe("patchArguments with a patch that cannot be applied", () => {
  const patchFor = (changes: object) =>
    patchesOf(["/w"], ["primary_provider_args"]).map((patch) => ({ ...patch, ...changes }) as SettingsPatch);
  test.each([
    {
      what: "a patch for an unknown surface",
      patches: patchFor({ targetSurface: "the_moon" as TrustSurface }),
      code: "codex_trust_settings_surface_unknown",
    },
    {
      what: "a patch in another dialect",
      patches: patchFor({ dialect: "codex-direct-cli-config" }),
      code: "dialect-refused",
    },
    {
      what: "a patch with a folder that may not be trusted",
      patches: patchFor({
        args: [
          "--settings",
          JSON.stringify({
            codex: {
              agent_teams_workspace_trust: { config_overrides: ['projects."/".trust_level="trusted"'] },
            },
          }),
        ],
      }),
      code: "root-refused",
    },
  ])("changes nothing and gives a diagnostic for $what", ({ patches, code }) => {
    const before = argumentsOf("codex");
    const patched = patchArguments(before, patches, context);
    expect(patched.diagnostics).toMatchObject([{ code }]);
    expect(patched.arguments).toEqual(before);
  });

  test("changes nothing and gives a diagnostic for settings of the runtime in a file", () => {
    const before = launchArguments(teamOf("codex"), { codex: ["--settings", "/etc/s.json"] });
    const patched = patchArguments(before, patchesOf(["/w"]), context);
    expect(patched).toEqual({ arguments: before, diagnostics: [{ code: "settings-not-inline" }] });
  });
});

type Baseline = {
  readonly name: string;
  readonly team: readonly Provider[];
  readonly caller: readonly string[];
  readonly argv: Readonly<Record<string, readonly string[]>>;
};
const baselineFile = new URL("../../../../test-fixtures/team-launch/argv-baseline.json", import.meta.url);
const baseline = JSON.parse(readFileSync(baselineFile, "utf8")) as readonly Baseline[];

/** The argv of each provider's members, with the trust that the flags allow. */
const argvWith = ({ team, caller }: Pick<Baseline, "team" | "caller">, flags: LaunchFlags) => {
  const patches = trustPolicy(flags).leaves.includes("codex") ? [] : patchesOf(["/w"]);
  const { arguments: launch } = patchArguments(argumentsOf(...team), patches, context);
  return Object.fromEntries(
    [...new Set(team)].map((provider) => [
      provider,
      beforeDashes(caller, provider === launch.primary.provider ? launch.primary.args : launch.crossProvider),
    ]),
  );
};

const beforeDashes = (caller: readonly string[], own: readonly string[]): readonly string[] =>
  caller.toSpliced(caller.includes("--") ? caller.indexOf("--") : caller.length, 0, ...own);

describe("the argv of a team's members", () => {
  const off: LaunchFlags = {
    preflight: false,
    codexSettings: false,
    claudePty: false,
    allowUnprotectedClaude: false,
    retry: false,
    fileLock: false,
    debug: false,
  };
  test.each(baseline)("equals the recorded one byte for byte with all flags off: $name", (row) => {
    expect(JSON.stringify(argvWith(row, off))).toBe(JSON.stringify(row.argv));
    expect(argvWith(row, { ...defaultFlags, codexSettings: false })).toEqual(row.argv);
  });

  test.each(baseline)("differs from the recorded one only for Codex with the flags on: $name", (row) => {
    const { codex, ...others } = argvWith(row, defaultFlags);
    const { codex: codexBefore, ...othersBefore } = row.argv;
    const shares = row.team[0] !== "codex" && row.team.includes("codex");
    if (!shares) expect(others).toEqual(othersBefore);
    else expect(others[row.team[0]!]).toEqual(othersBefore[row.team[0]!]);
    if (codexBefore !== undefined) expect(settingsIn(codex!)).toMatchObject(trust("/w"));
  });
});
