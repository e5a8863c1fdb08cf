import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stepNames } from "../stages/step-names.ts";
import { launchGround } from "./launch-ground.fixture.ts";

const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
        statSync(join(folder, name)).isFile(),
      )
    : [];

const planned = stepNames.slice(0, stepNames.indexOf("run"));
describe("a launch whose caller leaves before the run exists", () => {
  test.for(planned)("at %s has written nothing: its lock was all that there was", async (step) => {
    const ground = launchGround();
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("bo", "repo", { provider: "codex" }),
      ground.member("cy", "repo", { worktree: true }),
    );
    const seen: (readonly string[])[] = [];
    const runtime = {
      defaultModel: async () => (seen.push(filesBelow(ground.dataDir)), null),
      checkProvider: async () => (seen.push(filesBelow(ground.dataDir)), null),
    };
    const end = await ground.run(team, { leavesAt: step, runtime });
    expect(end).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(filesBelow(ground.dataDir)).toEqual([]);
    for (const files of seen) expect(files).toEqual(["launches/locks/shop.lock"]);
    expect([ground.started, end.progress]).toEqual([[], []]);
    expect(ground.git("branch", "--list", "gatehouse/*")).toBe("");
  });
});
