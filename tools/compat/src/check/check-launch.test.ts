import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { checkLaunch } from "./check-launch.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { agents } from "../record/agents.ts";
import { codexScenarios } from "../scenarios/codex.ts";
import { usePrograms } from "../start/programs.ts";

usePrograms(inject("programs"));

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-codex.mjs", import.meta.url));

/**
 * The fake Codex, with the behaviour of these fields. Its version is 0.101.0: old enough to ask in every
 * folder.
 */
const fake = (fields: object): InstalledCli => {
  const folder = mkdtempSync(join(tmpdir(), "gh-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(program, join(folder, "codex"));
  writeFileSync(join(folder, "fake-codex.json"), JSON.stringify(fields));
  return { provider: "codex", version: "0.101.0", path: join(folder, "codex") };
};

const check = (fields: object): Promise<string[]> => {
  const scenario = codexScenarios.find(({ name }) => name === "git-root");
  if (scenario === undefined) throw new TypeError("no scenario git-root");
  return checkLaunch(fake(fields), agents.codex, scenario, new AbortController().signal);
};

describe("checkLaunch", () => {
  test(
    "finds no problem with a CLI that accepts its launch, and asks without one",
    { tags: ["slow"] },
    async () => {
      expect(await check({})).toEqual([]);
    },
  );

  test.each([
    { does: "asks all the same", fields: { start: "restricted" }, says: "ends at restricted, not ready" },
    { does: "never asks", fields: { start: "composer" }, says: "w/repo: codex ends at ready, not trust" },
    { does: "ends", fields: { start: "sign-in-and-exit" }, says: "not ready" },
  ])("says what is wrong where the CLI $does", { tags: ["slow"] }, async ({ fields, says }) => {
    expect((await check(fields)).join("\n")).toContain(says);
  });
});
