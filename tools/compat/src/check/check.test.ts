// @module-tag rest
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { checkScenario } from "./check.ts";
import { scenarios } from "../scenarios/claude.ts";
import { runsOf } from "../scenarios/rungs.ts";
import type { Scenario, Via } from "../scenarios/scenario.ts";
import { usePrograms } from "../start/programs.ts";
import { fakeCli } from "./fake-cli.fixture.ts";

usePrograms(inject("programs"));

const named = (name: string): Scenario => {
  const scenario = scenarios.find((row) => row.name === name);
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  return scenario;
};

const checkBy = (via: Via, scenario: Scenario, fields: object): Promise<string[]> => {
  const run = runsOf(scenario).find((rung) => rung.via === via);
  if (run === undefined) throw new TypeError(`${scenario.name} is not run by ${via}`);
  return checkScenario(fakeCli("claude", fields), { scenario, run }, new AbortController().signal);
};

const check = (name: string, fields: object): Promise<string[]> => checkBy("dialog", named(name), fields);

const expectByControl = [
  {
    is: {
      exit: 0,
      results: [{ status: "trusted", code: "trusted", trustKey: "w/plain", via: "control" }],
      trusted: ["w/plain"],
      afterwards: null,
    },
  },
] as const;

describe("checkScenario", () => {
  test("finds no problem with a well-behaved CLI, and leaves no files", { tags: ["slow"] }, async () => {
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

  test("finds no problem with a CLI that has a control protocol", { tags: ["slow"] }, async () => {
    expect(await checkBy("control", named("plain"), { door: "open" })).toEqual([]);
  });

  test.each([
    { does: "cannot be asked", fields: { door: "refuses" }, says: 'code is "control-unavailable"' },
    {
      does: "says ok and writes nothing",
      fields: { door: "open", takes: "forget" },
      says: 'status is "failed", not "trusted"',
    },
    {
      does: "records a folder that was not named",
      fields: { door: "open", records: ["own", "/elsewhere"] },
      says: "what is trusted on disk is",
    },
    {
      does: "records an answer to another question",
      fields: { door: "open", adds: { enabledMcpjsonServers: ["demo"] } },
      says: "plain: enabledMcpjsonServers",
    },
  ])("says what is wrong where a CLI that is asked $does", { tags: ["slow"] }, async ({ fields, says }) => {
    expect((await checkBy("control", named("plain"), fields)).join("\n")).toContain(says);
  });

  test("distinguishes the two rungs", { tags: ["slow"] }, async () => {
    const scenario = named("plain");
    const [run] = runsOf({ ...scenario, rungs: { once: "auto" } });
    if (run === undefined) throw new TypeError("no run");
    const inDisguise = { scenario, run: { ...run, expect: expectByControl } };
    const problems = await checkScenario(fakeCli("claude", {}), inDisguise, new AbortController().signal);
    const text = problems.join("\n");
    expect(text).toContain('via is "dialog", not "control"');
    expect(text).toContain("whether keys were pressed is true, not false");
  });

  test("reports trust beyond the request", { tags: ["slow"] }, async () => {
    const scenario = named("plain");
    const arrange: typeof scenario.arrange = (box) => {
      scenario.arrange(box);
      box.write(".claude.json", {
        hasCompletedOnboarding: true,
        projects: { [box.path("w/other")]: { hasTrustDialogAccepted: true } },
      });
    };
    const problems = await checkBy("dialog", { ...scenario, arrange }, {});
    expect(problems.join("\n")).toMatch(/what is trusted on disk is .*w\/other/);
  });
});
