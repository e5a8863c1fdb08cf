// @module-tag rest
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { makeLaunchFixture, type Ended, type LaunchFixture } from "./launch.fixture.ts";

const patience = { timeout: 100_000, interval: 5 };
const bo = "{ name: bo, provider: claude, folder: b }";
const cy = "{ name: cy, provider: claude, folder: repo, worktree: true }";

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);
/** The stored team, and the end of its last launch. */
const storedIn = ({ dataDir }: LaunchFixture) =>
  ["teams", "last"].map((folder) => textOf(join(dataDir, "launches", folder, "shop.json")));
const artifactsIn = ({ dataDir }: LaunchFixture) => readdirSync(join(dataDir, "launches/artifacts"));

/** Launches, and stops the launch from another process as soon as the newest journal matches. */
const stoppedAt = async (
  fixture: LaunchFixture,
  { team, says, stop }: { readonly team: string; readonly says: string; readonly stop: readonly string[] },
): Promise<{ readonly launch: Ended; readonly stop: Ended }> => {
  const before = fixture.journals().length;
  const launch = fixture.gatehouse(["launch", team, "--json"]);
  await vi.waitFor(() => expect(fixture.journals().slice(before)).toContain(says), patience);
  const stopped = await fixture.gatehouse(["stop", ...stop, "--json"]);
  return { launch: await launch, stop: stopped };
};

const cancelled = {
  code: 130,
  json: { ok: false, launch: { state: "cancelled" }, error: { code: "cancelled" } },
};

describe("a launch that gatehouse stop ends", { tags: ["slow"] }, () => {
  test.for([
    { name: "--all", stop: ["--all"] },
    { name: "TEAM", stop: ["shop"] },
  ])("starts no agent and leaves no files if $name ends it while it prepares trust", async ({ stop }) => {
    const fixture = makeLaunchFixture({ start: "hang" });
    const ended = await stoppedAt(fixture, { team: fixture.teamFile(cy), says: '"execute"', stop });
    expect(ended.launch).toMatchObject(cancelled);
    const message = expect.stringMatching(/^stopped \(\d{8}-\d{6}-[\da-f]{4}\)$/) as string;
    const launches = [{ ok: true, team: "shop", message }];
    expect(ended.stop).toMatchObject({ code: 0, json: { ok: true, launches, agents: [] } });
    expect(await fixture.agents()).toEqual([]);
    expect([storedIn(fixture), artifactsIn(fixture)]).toEqual([[null, null], []]);
    expect(existsSync(join(fixture.dataDir, "worktrees/shop/cy"))).toBe(false);
    expect(fixture.git("branch", "--list", "gatehouse/*")).toBe("");
    expect(fixture.journals().match(/"type":"undone"/g)).toHaveLength(1);
    expect(fixture.journals()).not.toMatch(/"type":"(?:clearing|spawning)"/);
  });

  test("keeps the stored team and its last launch, and has the team's running agents ended", async () => {
    const fixture = makeLaunchFixture();
    expect((await fixture.gatehouse(["launch", fixture.teamFile()])).code).toBe(0);
    const stored = storedIn(fixture);
    const hangs = { team: fixture.teamFile(bo), says: '"execute"', stop: ["shop/"] };
    fixture.behaves({ start: "hang" });
    const ended = await stoppedAt(fixture, hangs);
    expect(ended.launch).toMatchObject(cancelled);
    expect(ended.stop).toMatchObject({ code: 0, json: { agents: [{ ok: true, member: "ana" }] } });
    expect([storedIn(fixture), artifactsIn(fixture)]).toEqual([stored, []]);
    expect(await fixture.agents()).toEqual([]);
  });

  test("has each started agent ended, and starts no more", async () => {
    const fixture = makeLaunchFixture();
    const members = Array.from({ length: 24 }, (_, at) => `{ name: m${at}, provider: claude, folder: b }`);
    const ended = await stoppedAt(fixture, {
      team: fixture.teamFile(...members),
      says: '"spawning"',
      stop: ["--all"],
    });
    expect(ended.launch).toMatchObject(cancelled);
    expect(ended.stop).toMatchObject({ code: 0, json: { ok: true, launches: [{ ok: true, team: "shop" }] } });
    expect(await fixture.agents()).toEqual([]);
    // Four agents start at one time, and no others after the stop request, which takes a busy machine a
    // while.
    expect(fixture.journals().match(/"type":"spawning"/g)?.length).toBeLessThan(24);
    expect(artifactsIn(fixture)).toEqual([]);
  });
});
