import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { checkScenario } from "./check.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { scenarios } from "../scenarios/claude.ts";

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url));

/** The fake Claude, which does what these fields say. */
const fake = (fields: object): InstalledCli => {
  const folder = mkdtempSync(join(tmpdir(), "gh-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(program, join(folder, "claude"));
  writeFileSync(join(folder, "fake-claude.json"), JSON.stringify(fields));
  return { provider: "claude", version: "2.1.328", path: join(folder, "claude") };
};

const check = (name: string, fields: object): Promise<string[]> => {
  const scenario = scenarios.find((row) => row.name === name);
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  return checkScenario(fake(fields), scenario, new AbortController().signal);
};

describe("checkScenario", () => {
  test("finds nothing to say of a CLI that behaves, and leaves nothing", { tags: ["slow"] }, async () => {
    const temporary = mkdtempSync(join(tmpdir(), "gh-check-"));
    onTestFinished(() => rmSync(temporary, { recursive: true }));
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await check("plain", {})).toEqual([]);
    expect(readdirSync(temporary).filter((name) => !name.startsWith("gh-fake-"))).toEqual([]);
  });

  test.each([
    {
      does: "does not write trust down",
      fields: { accept: "forget" },
      says: 'status is "failed", not "trusted"',
    },
    { does: "crashes", fields: { start: "crash" }, says: "the exit code is 1, not 0" },
    { does: "dies with its lock", fields: { accept: "leave-lock" }, says: "the CLI's lock is left" },
    { does: "never asks", fields: { start: "composer" }, says: 'status is "failed", not "trusted"' },
  ])("says what is wrong where the CLI $does", { tags: ["slow"] }, async ({ fields, says }) => {
    expect((await check("plain", fields)).join("\n")).toContain(says);
  });

  test("sees that more is trusted than was asked for", { tags: ["slow"] }, async () => {
    const scenario = scenarios.find(({ name }) => name === "plain");
    if (scenario === undefined) throw new TypeError("no scenario plain");
    const arrange: typeof scenario.arrange = (box) => {
      scenario.arrange(box);
      box.write(".claude.json", {
        hasCompletedOnboarding: true,
        projects: { [box.path("w/other")]: { hasTrustDialogAccepted: true } },
      });
    };
    const problems = await checkScenario(fake({}), { ...scenario, arrange }, new AbortController().signal);
    expect(problems.join("\n")).toMatch(/what is trusted on disk is .*w\/other/);
  });
});
