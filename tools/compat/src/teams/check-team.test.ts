import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { checkTeam } from "./check-team.ts";
import { cancelledLaunch } from "./teams.ts";
import { usePrograms } from "../start/programs.ts";

usePrograms(inject("programs"));

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url));

/** The fake Claude Code, with the behaviour of these fields. */
const fake = (fields: object): InstalledCli => {
  const folder = mkdtempSync(join(tmpdir(), "gh-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(program, join(folder, "claude"));
  writeFileSync(join(folder, "fake-claude.json"), JSON.stringify(fields));
  return { provider: "claude", version: "2.1.328", path: join(folder, "claude") };
};

const check = (fields: object): Promise<string[]> =>
  checkTeam(fake(fields), cancelledLaunch, new AbortController().signal);

describe("checkTeam", { tags: ["slow"] }, () => {
  test("finds no problem with a CLI that has a control protocol, and whose agents end when they are stopped", async () => {
    expect(await check({ door: "open" })).toEqual([]);
  });

  test("reports missing trust, and agents that did not start", async () => {
    const problems = (await check({ start: "unknown" })).join("\n");
    expect(problems).toContain('the state of the launch is "blocked", not "ready"');
    expect(problems).toContain("what Claude Code trusts is []");
  });
});
