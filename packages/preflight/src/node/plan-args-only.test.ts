import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { patchClaudeArgs } from "@trust/codex-overrides";
import { makeBed } from "@gatehouse/test-kit";
import { argsOfPlan, planArgsOnly } from "./plan-args-only.ts";
import { planFull } from "./plan-full.ts";

const git = { ".git/HEAD": "ref: refs/heads/main\n" };
const codex = { providers: ["codex"] } as const;
const surfaces = ["default_model_probe", "provider_facts_probe"] as const;

describe("planArgsOnly", () => {
  test("returns one patch of settings per surface, and writes nothing", async () => {
    const bed = makeBed();
    const folder = bed.folder("repo", git);
    const { patches, diagnostics } = await planArgsOnly(bed.request([folder], codex), surfaces);
    expect(diagnostics).toEqual([]);
    expect(patches).toMatchObject(
      surfaces.map((targetSurface) => ({
        targetSurface,
        targetProvider: "codex",
        sourceWorkspaceIds: [folder],
      })),
    );
    const { args } = patchClaudeArgs([], "default_model_probe", patches, {
      platform: "linux",
      homes: [bed.home],
    });
    expect(args).toEqual([
      "--settings",
      expect.stringContaining(JSON.stringify(`projects."${folder}".trust_level="trusted"`)),
    ]);
    expect(existsSync(bed.dataDir)).toBe(false);
  });

  test("names a folder once for all its spellings, and leaves out folders that may not be passed", async () => {
    const bed = makeBed();
    const [folder, untrusted] = [bed.folder("repo", git), bed.folder("untrusted", git)];
    symlinkSync(folder, join(bed.root, "link"));
    mkdirSync(join(bed.home, ".codex"));
    writeFileSync(
      join(bed.home, ".codex/config.toml"),
      `[projects."${untrusted}"]\ntrust_level = "untrusted"\n`,
    );
    const folders = [folder, join(bed.root, "link"), untrusted, bed.home, join(bed.root, "none")];
    const { patches, diagnostics } = await planArgsOnly(bed.request(folders, codex), [
      "primary_provider_args",
    ]);
    const [patch] = patches;
    expect(patch?.args[1].match(/trust_level/g)).toHaveLength(1);
    expect(patch?.sourceWorkspaceIds).toEqual([folder, join(bed.root, "link")]);
    expect(diagnostics.map(({ workspace, code }) => [workspace, code])).toEqual([
      [untrusted, "untrusted-by-user"],
      [bed.home, "home-not-persistable"],
      [join(bed.root, "none"), "not-a-folder"],
    ]);
    expect(diagnostics[2]?.message).toContain(join(bed.root, "none"));
  });

  test("returns no patch if no folder may be passed, and gives the reason", async () => {
    const bed = makeBed();
    expect(await planArgsOnly(bed.request([bed.home], codex), surfaces)).toMatchObject({
      patches: [],
      diagnostics: [{ workspace: bed.home, code: "home-not-persistable" }],
    });
  });

  test("is empty without a Codex pair, and uses only Codex pairs", async () => {
    const bed = makeBed();
    const [claude, own] = [bed.folder("claude", git), bed.folder("own", git)];
    const request = bed.request([claude], { providers: ["claude"] });
    expect(await planArgsOnly(request, surfaces)).toEqual({ patches: [], diagnostics: [] });
    const pairs = [
      { folder: own, provider: "codex" },
      { folder: claude, provider: "gemini" },
    ] as const;
    const { patches } = await planArgsOnly({ ...request, pairs }, surfaces);
    expect(patches.map(({ sourceWorkspaceIds }) => sourceWorkspaceIds)).toEqual([[own], [own]]);
  });
});

describe("argsOfPlan", () => {
  test("returns the same as planArgsOnly, from a plan with other providers", async () => {
    const bed = makeBed();
    const request = bed.request([bed.folder("repo", git), bed.home], { providers: ["claude", "codex"] });
    const { patches, diagnostics } = await argsOfPlan(await planFull(request), surfaces);
    expect(patches).toHaveLength(surfaces.length);
    expect({ patches, diagnostics }).toEqual(await planArgsOnly(request, surfaces));
  });

  test("is empty for a plan without folders that are passed at launch", async () => {
    const bed = makeBed();
    const plan = await planFull(bed.request([bed.folder("repo", git)], { providers: ["claude"] }));
    expect(await argsOfPlan(plan, surfaces)).toEqual({ patches: [], diagnostics: [] });
  });
});
