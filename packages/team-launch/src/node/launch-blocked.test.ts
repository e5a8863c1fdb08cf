import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { launchFixture } from "./launch.fixture.ts";

/** The text of every file below a folder. */
const textBelow = (folder: string): string =>
  (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

// Rows of the seed's test plan, "Create/launch integration".
describe("a launch that is blocked before its first agent", () => {
  test("does not change another team or its worktree", async () => {
    const fixture = launchFixture();
    await fixture.run(
      fixture.team(fixture.member("ana", "trusted"), fixture.member("cy", "repo", { worktree: true })),
    );
    const before = await fixture.kept();
    const other = { ...fixture.team(fixture.member("bo", "home")), name: "dock" };
    expect(await fixture.run(other)).toMatchObject({ value: { launch: { state: "blocked" } } });
    const { team, snapshot, worktrees, branches } = await fixture.kept();
    expect({ team, snapshot, worktrees, branches }).toEqual({
      team: before.team,
      snapshot: before.snapshot,
      worktrees: ["cy"],
      branches: before.branches,
    });
    expect(readdirSync(join(fixture.dataDir, "launches/teams"))).toEqual(["shop.json"]);
  });

  test("reports its failure last, with every member, after its changes were undone", async () => {
    const fixture = launchFixture();
    const { progress } = await fixture.run(
      fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "home")),
    );
    expect(progress.map(({ state }) => state)).toEqual(["spawning", "blocked"]);
    expect(progress.at(-1)).toMatchObject({
      message: expect.stringContaining("home folder") as string,
      members: [
        { member: "ana", state: "blocked" },
        { member: "bo", state: "blocked", code: "home-not-persistable" },
      ],
    });
  });

  test("saves no value of the environment in its journal, its artifact or any other file", async () => {
    const fixture = launchFixture();
    const secret = "sk-test-of-nobody-1234567890";
    const env = { ...fixture.env, ANTHROPIC_API_KEY: secret, OF_MINE: "a-value-of-mine" };
    await fixture.run(fixture.team(fixture.member("bo", "home")), { env });
    expect(await fixture.kept()).toMatchObject({ ends: ["blocked"], artifacts: 1 });
    const text = textBelow(fixture.dataDir);
    expect(text).toContain("home-not-persistable");
    for (const value of [secret, "a-value-of-mine"]) expect(text).not.toContain(value);
  });
});

test("a launch asks preflight about the same folders in the same stages for new and known teams", async () => {
  const fixture = launchFixture();
  const team = fixture.team(
    fixture.member("ana", "trusted"),
    fixture.member("bo", "repo", { provider: "codex" }),
  );
  await fixture.run(team);
  const first = [...fixture.asked];
  const stages = ["planArgsOnly", "planFull", "argsOfPlan", "execute", "argsOfPlan"];
  expect(first.map(({ stage }) => stage)).toEqual(stages);
  await fixture.run(team);
  expect(fixture.asked.slice(first.length)).toEqual(first);
});
