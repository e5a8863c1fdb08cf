// @module-tag rest
import { describe, expect, inject, test } from "vitest";
import { checkLaunch } from "./check-launch.ts";
import { agents } from "../record/agents.ts";
import { codexScenarios } from "../scenarios/codex.ts";
import { usePrograms } from "../start/programs.ts";
import { fakeCli } from "./fake-cli.fixture.ts";

usePrograms(inject("programs"));

const check = (fields: object): Promise<string[]> => {
  const scenario = codexScenarios.find(({ name }) => name === "git-root");
  if (scenario === undefined) throw new TypeError("no scenario git-root");
  return checkLaunch(fakeCli("codex", fields), agents.codex, scenario, new AbortController().signal);
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
