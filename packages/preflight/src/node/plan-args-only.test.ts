import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { patchClaudeArgs } from "@trust/codex-overrides";
import { makeBed } from "@gatehouse/test-kit";
import { planArgsOnly } from "./plan-args-only.ts";

const git = { ".git/HEAD": "ref: refs/heads/main\n" };
const surfaces = ["default_model_probe", "provider_facts_probe"] as const;

describe("planArgsOnly", () => {
  test("is one patch of settings for each surface, and nothing is written", async () => {
    const bed = makeBed();
    const folder = bed.folder("repo", git);
    const patches = await planArgsOnly(bed.request([folder]), surfaces);
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

  test("names a folder once, however it is spelled, and leaves out what may not be passed", async () => {
    const bed = makeBed();
    const [folder, untrusted] = [bed.folder("repo", git), bed.folder("untrusted", git)];
    symlinkSync(folder, join(bed.root, "link"));
    mkdirSync(join(bed.home, ".codex"));
    writeFileSync(
      join(bed.home, ".codex/config.toml"),
      `[projects."${untrusted}"]\ntrust_level = "untrusted"\n`,
    );
    const folders = [folder, join(bed.root, "link"), untrusted, bed.home, join(bed.root, "none")];
    const [patch] = await planArgsOnly(bed.request(folders), ["primary_provider_args"]);
    expect(patch?.args[1].match(/trust_level/g)).toHaveLength(1);
    expect(patch?.sourceWorkspaceIds).toEqual([folder, join(bed.root, "link")]);
  });

  test("is empty where nothing may be passed", async () => {
    const bed = makeBed();
    expect(await planArgsOnly(bed.request([bed.home]), surfaces)).toEqual([]);
  });
});
