import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { patchClaudeArgs, patchCodexArgs, patchConfigOverrides } from "./apply-patches.ts";
import { splitSettings } from "./settings-argument.ts";
import { buildOverrides } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import {
  directCliPatch,
  nativeOverridePatch,
  settingsPatch,
  surfacesOf,
  type PatchOf,
  type TrustSurface,
  type WorkspaceTrustLaunchArgPatch,
} from "./launch-arg-patch.ts";
import { trustSettings } from "./trust-settings.ts";

type SettingsPatch = PatchOf<"claude-codex-runtime-settings">;
type NativePatch = PatchOf<"codex-native-config-override">;
type DirectPatch = PatchOf<"codex-direct-cli-config">;

const context: FolderContext = { platform: "linux", homes: ["/home/ada"] };
const launch = { untrusted: [], configured: new Map(), context };
const request = <S extends TrustSurface>(targetSurface: S, ...folders: string[]) => ({
  targetSurface,
  overrides: buildOverrides(folders, context).overrides,
  sourceWorkspaceIds: folders,
});
const settings = (...folders: string[]) => settingsPatch(request("primary_provider_args", ...folders));
const native = (...folders: string[]) => nativeOverridePatch(request("primary_provider_args", ...folders));
const direct = (...folders: string[]) => directCliPatch(request("primary_provider_args", ...folders));
const here = "primary_provider_args";
const a = 'projects={"/a"={trust_level="trusted"}}';
const ab = 'projects={"/a"={trust_level="trusted"},"/b"={trust_level="trusted"}}';
const json = (...folders: string[]) =>
  JSON.stringify(trustSettings(buildOverrides(folders, context).overrides));

describe("a patch contains", () => {
  test("its kind, its target, its arguments and its reason", () => {
    expect(settings("/a")).toEqual({
      id: "workspace-trust:codex:claude-codex-runtime-settings:primary_provider_args",
      owner: "workspace-trust",
      targetProvider: "codex",
      targetSurface: "primary_provider_args",
      dialect: "claude-codex-runtime-settings",
      args: ["--settings", json("/a")],
      dedupeKey: 'claude-codex-runtime-settings\nprimary_provider_args\nprojects."/a".trust_level="trusted"',
      sourceWorkspaceIds: ["/a"],
      reason: "Codex starts with this folder trusted, for this launch only.",
    });
  });

  test("the same key for the same effect, and another key for another effect", () => {
    expect(native("/a").dedupeKey).toBe(native("/a").dedupeKey);
    const others = [native("/b"), native("/a", "/b"), settings("/a"), direct("/a")];
    expect(new Set([native("/a"), ...others].map(({ dedupeKey }) => dedupeKey)).size).toBe(5);
  });
});

describe("Claude's argv", () => {
  const patch = (args: readonly string[], ...patches: SettingsPatch[]) =>
    patchClaudeArgs(args, here, patches, context);

  test("gets the folders in its settings, and keeps the other settings", () => {
    const forced = '{"codex":{"forced_login_method":"api"}}';
    const { args, diagnostics } = patch(["--settings", forced, "-p"], settings("/a"));
    expect(JSON.parse(args[1]!)).toEqual({
      codex: {
        forced_login_method: "api",
        ...trustSettings(request(here, "/a").overrides).codex,
      },
    });
    expect([args[0], args[2], diagnostics]).toEqual(["--settings", "-p", []]);
  });

  test("is the same after early, full and repeated patches as after the full one", () => {
    const [early, full] = [settings("/a"), settings("/a", "/b")];
    const once = patch(["-p"], full).args;
    expect(patch(["-p"], early, full).args).toEqual(once);
    expect(patch(patch(["-p"], early).args, full).args).toEqual(once);
    expect(patch(once, full, early, full).args).toBe(once);
  });

  test("stays unchanged if its settings are a file, and this is reported", () => {
    const args = ["--settings", "/etc/settings.json"];
    expect(patch(args, settings("/a"))).toEqual({ args, diagnostics: [{ code: "settings-not-inline" }] });
  });
});

describe("no -c of Codex reaches Claude, where it means --continue", () => {
  test("by type: only settings patches are accepted, and these contain no -c", () => {
    type Taken = Parameters<typeof patchClaudeArgs>[2][number];
    expectTypeOf<Taken>().toEqualTypeOf<SettingsPatch>();
    expectTypeOf<DirectPatch>().not.toExtend<Taken>();
    expectTypeOf<NativePatch>().not.toExtend<Taken>();
    expectTypeOf<WorkspaceTrustLaunchArgPatch>().not.toExtend<Taken>();
    expectTypeOf<["-c", string]>().not.toExtend<Taken["args"]>();
    expectTypeOf<["--settings", "-c"]>().not.toExtend<Taken["args"]>();
    expectTypeOf<["-c", string]>().not.toExtend<WorkspaceTrustLaunchArgPatch["args"]>();
  });

  test("by type: a direct patch cannot have the surface of a teammate under another lead", () => {
    expectTypeOf<"cross_provider_member_args">().not.toExtend<DirectPatch["targetSurface"]>();
    expectTypeOf<"provider_facts_probe">().not.toExtend<NativePatch["targetSurface"]>();
  });

  test("at run time: a patch for another program is refused, even if its type was cast", () => {
    const miscast = [direct("/a"), native("/a")] as readonly WorkspaceTrustLaunchArgPatch[];
    const { args, diagnostics } = patchClaudeArgs(["-p"], here, miscast as readonly SettingsPatch[], context);
    expect(args).toEqual(["-p"]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["dialect-refused", "dialect-refused"]);
  });

  test("at run time: for any content of a settings patch, the new arguments are settings only", () => {
    const anyArgs = fc.oneof(
      fc.array(
        fc.oneof(fc.constantFrom("-c", "--settings", "--continue", a, json("/a"), json("/")), fc.string()),
      ),
      fc.json().map((text) => ["--settings", text]),
    );
    fc.assert(
      fc.property(anyArgs, (args) => {
        const miscast = { ...settings("/a"), args } as unknown as SettingsPatch;
        const patched = patchClaudeArgs(["-p"], here, [miscast], context).args;
        expect([["-p"], ["--settings", json("/a"), "-p"]]).toContainEqual(patched);
      }),
    );
  });
});

describe("the overrides of an adapter", () => {
  const patch = (existing: readonly string[], ...patches: NativePatch[]) =>
    patchConfigOverrides(existing, here, patches, launch);

  test("stay, and get one table after them", () => {
    expect(patch(["mcp_servers.x.url=y"], native("/a"), native("/b"))).toEqual({
      args: ["mcp_servers.x.url=y", ab],
      diagnostics: [],
    });
  });

  test("are the same after early, full and repeated patches as after the full one", () => {
    const [early, full] = [native("/a"), native("/a", "/b")];
    const once = patch(["x=1"], full).args;
    expect(patch(["x=1"], early, full).args).toEqual(once);
    expect(patch(patch(["x=1"], early).args, full).args).toEqual(once);
    expect(patch(once, full, early, full).args).toBe(once);
  });

  test("do not trust the user's untrusted folder, and this is reported", () => {
    const untrusted = { ...launch, untrusted: ["/a"] };
    expect(patchConfigOverrides([], here, [native("/a")], untrusted)).toEqual({
      args: [],
      diagnostics: [{ code: "untrusted-by-user", folder: "/a" }],
    });
  });
});

describe("Codex's argv", () => {
  const patch = (args: readonly string[], ...patches: DirectPatch[]) =>
    patchCodexArgs(args, here, patches, launch);

  test("gets one -c for all folders of all patches", () => {
    expect(patch(["p"], direct("/b"), direct("/a"))).toEqual({ args: ["-c", ab, "p"], diagnostics: [] });
  });

  test("is the same after early, full and repeated patches as after the full one", () => {
    const [early, full] = [direct("/a"), direct("/a", "/b")];
    const once = patch(["-c", "x=1", "p"], full).args;
    expect(patch(patch(["-c", "x=1", "p"], early).args, full).args).toEqual(once);
    expect(patch(once, full, early).args).toBe(once);
  });

  test("stays unchanged if its projects cannot be merged, and this is reported", () => {
    const args = ["-c", "projects=x"];
    expect(patch(args, direct("/a"))).toEqual({
      args,
      diagnostics: [{ code: "caller-projects-unreadable" }],
    });
  });
});

describe("a surface", () => {
  test("gets its own patches only", () => {
    const patches = surfacesOf["claude-codex-runtime-settings"].map((surface) =>
      settingsPatch(request(surface, `/${surface}`)),
    );
    for (const surface of surfacesOf["claude-codex-runtime-settings"]) {
      const { args, diagnostics } = patchClaudeArgs([], surface, patches, context);
      expect(args).toEqual(["--settings", json(`/${surface}`)]);
      expect(diagnostics).toEqual([]);
    }
  });

  test("that is unknown but named by a patch is reported, and nothing is added", () => {
    const patch = { ...settings("/a"), targetSurface: "somewhere" } as unknown as SettingsPatch;
    expect(patchClaudeArgs(["-p"], here, [patch], context)).toEqual({
      args: ["-p"],
      diagnostics: [{ code: "codex_trust_settings_surface_unknown", patchId: patch.id }],
    });
  });

  test.each([
    {
      what: "Claude's argv",
      apply: () => patchClaudeArgs(["-p"], "somewhere" as typeof here, [settings("/a")], context),
    },
    {
      what: "an adapter's overrides",
      apply: () => patchConfigOverrides(["-p"], "default_model_probe" as typeof here, [native("/a")], launch),
    },
    {
      what: "Codex's argv",
      apply: () =>
        patchCodexArgs(["-p"], "cross_provider_member_args" as typeof here, [direct("/a")], launch),
    },
  ])("that does not belong to $what is reported, and nothing is added", ({ apply }) => {
    const { args, diagnostics } = apply();
    expect(args).toEqual(["-p"]);
    expect(diagnostics).toMatchObject([{ code: "codex_trust_settings_surface_unknown" }]);
  });

  test("without patches stays unchanged", () => {
    const args = ["-p"];
    expect(patchClaudeArgs(args, here, [], context)).toEqual({ args, diagnostics: [] });
    expect(patchCodexArgs(args, here, [], launch)).toEqual({ args, diagnostics: [] });
  });
});

describe("splitSettings", () => {
  test.each([
    {
      what: "the last settings",
      args: ["--settings", "{}", "--settings", '{"a":1}'],
      rest: ["--settings", "{}"],
      a: 1,
    },
    { what: "the form --settings=", args: ["-x", '--settings={"a":1}', "-p"], rest: ["-x", "-p"], a: 1 },
  ])("takes $what out of an argv", ({ args, rest, a }) =>
    expect(splitSettings(args)).toEqual({ args: rest, settings: { a } }),
  );

  test.each([
    { what: "a file", args: ["--settings", "/etc/settings.json"] },
    { what: "broken JSON", args: ["--settings", "{"] },
    { what: "arguments after --", args: ["--", "--settings", "{}"] },
    { what: "an argv without settings", args: ["-p"] },
  ])("leaves $what as it is", ({ args }) => expect(splitSettings(args)).toEqual({ args, settings: null }));
});
