// @module-tag rest
import { describe, expect, inject, test } from "vitest";
import { checkTeam } from "./check-team.ts";
import { cancelledLaunch } from "./teams.ts";
import { usePrograms } from "../start/programs.ts";
import { fakeCli } from "../check/fake-cli.fixture.ts";

usePrograms(inject("programs"));

const check = (fields: object): Promise<string[]> =>
  checkTeam(fakeCli("claude", fields), cancelledLaunch, new AbortController().signal);

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
