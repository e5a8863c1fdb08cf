import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stepNames } from "../stages/step-names.ts";
import { launchFixture } from "./launch.fixture.ts";

const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
        statSync(join(folder, name)).isFile(),
      )
    : [];

const planned = stepNames.slice(0, stepNames.indexOf("run"));
describe("a launch whose caller cancels before the run exists", () => {
  test.for(planned)("has written only its lock (cancelled at %s)", async (step) => {
    const fixture = launchFixture();
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("bo", "repo", { provider: "codex" }),
      fixture.member("cy", "repo", { worktree: true }),
    );
    const seen: (readonly string[])[] = [];
    const runtime = {
      defaultModel: async () => (seen.push(filesBelow(fixture.dataDir)), null),
      checkProvider: async () => (seen.push(filesBelow(fixture.dataDir)), null),
    };
    const end = await fixture.run(team, { leavesAt: step, runtime });
    expect(end).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(filesBelow(fixture.dataDir)).toEqual([]);
    for (const files of seen) expect(files).toEqual(["launches/locks/shop.lock"]);
    expect([fixture.started, end.progress]).toEqual([[], []]);
    expect(fixture.git("branch", "--list", "gatehouse/*")).toBe("");
  });
});
