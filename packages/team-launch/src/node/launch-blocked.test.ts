import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { launchGround } from "./launch-ground.fixture.ts";

/** The text of every file below a folder. */
const textBelow = (folder: string): string =>
  (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

// Rows of the seed's test plan, "Create/launch integration".
describe("a launch that is blocked before its first agent", () => {
  test("of a new team leaves what another team has, its worktree too", async () => {
    const ground = launchGround();
    await ground.run(
      ground.team(ground.member("ana", "trusted"), ground.member("cy", "repo", { worktree: true })),
    );
    const before = await ground.kept();
    const other = { ...ground.team(ground.member("bo", "home")), name: "dock" };
    expect(await ground.run(other)).toMatchObject({ value: { launch: { state: "blocked" } } });
    const { team, snapshot, worktrees, branches } = await ground.kept();
    expect({ team, snapshot, worktrees, branches }).toEqual({
      team: before.team,
      snapshot: before.snapshot,
      worktrees: ["cy"],
      branches: before.branches,
    });
    expect(readdirSync(join(ground.dataDir, "launches/teams"))).toEqual(["shop.json"]);
  });

  test("tells its failure last, with every member, once what it had made was taken back", async () => {
    const ground = launchGround();
    const { progress } = await ground.run(
      ground.team(ground.member("ana", "trusted"), ground.member("bo", "home")),
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

  test("keeps no value of the environment: not in its journal, its artifact or anything else", async () => {
    const ground = launchGround();
    const secret = "sk-test-of-nobody-1234567890";
    const env = { ...ground.env, ANTHROPIC_API_KEY: secret, OF_MINE: "a-value-of-mine" };
    await ground.run(ground.team(ground.member("bo", "home")), { env });
    expect(await ground.kept()).toMatchObject({ ends: ["blocked"], artifacts: 1 });
    const text = textBelow(ground.dataDir);
    expect(text).toContain("home-not-persistable");
    for (const value of [secret, "a-value-of-mine"]) expect(text).not.toContain(value);
  });
});

test("a new team and a known one have the same folders asked about, in the same stages", async () => {
  const ground = launchGround();
  const team = ground.team(
    ground.member("ana", "trusted"),
    ground.member("bo", "repo", { provider: "codex" }),
  );
  await ground.run(team);
  const first = [...ground.asked];
  const stages = ["planArgsOnly", "planFull", "argsOfPlan", "execute", "argsOfPlan"];
  expect(first.map(({ stage }) => stage)).toEqual(stages);
  await ground.run(team);
  expect(ground.asked.slice(first.length)).toEqual(first);
});
