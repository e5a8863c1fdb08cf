import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { makeLaunchBed, type Ended, type LaunchBed } from "./launch.fixture.ts";

const patience = { timeout: 60_000, interval: 5 };
const bo = "{ name: bo, provider: claude, folder: b }";
const cy = "{ name: cy, provider: claude, folder: repo, worktree: true }";

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);
/** The stored team, and how its last launch ended. */
const storedIn = ({ dataDir }: LaunchBed) =>
  ["teams", "last"].map((folder) => textOf(join(dataDir, "launches", folder, "shop.json")));
const artifactsIn = ({ dataDir }: LaunchBed) => readdirSync(join(dataDir, "launches/artifacts"));

/** Launches, and stops from another process as soon as the newest journal says that. */
const stoppedAt = async (
  bed: LaunchBed,
  { team, says, stop }: { readonly team: string; readonly says: string; readonly stop: readonly string[] },
): Promise<{ readonly launch: Ended; readonly stop: Ended }> => {
  const before = bed.journals().length;
  const launch = bed.gatehouse(["launch", team, "--json"]);
  await vi.waitFor(() => expect(bed.journals().slice(before)).toContain(says), patience);
  const stopped = await bed.gatehouse(["stop", ...stop, "--json"]);
  return { launch: await launch, stop: stopped };
};

const cancelled = {
  code: 130,
  json: { ok: false, launch: { state: "cancelled" }, error: { code: "cancelled" } },
};

describe("gatehouse stop, while a launch is at work", { tags: ["slow"] }, () => {
  test.for([
    { name: "--all", stop: ["--all"] },
    { name: "TEAM", stop: ["shop"] },
  ])("and prepares trust, ends it with $name: nothing was started, nothing is left", async ({ stop }) => {
    const bed = makeLaunchBed({ start: "hang" });
    const ended = await stoppedAt(bed, { team: bed.teamFile(cy), says: '"execute"', stop });
    expect(ended.launch).toMatchObject(cancelled);
    const message = expect.stringMatching(/^stopped \(\d{8}-\d{6}-[\da-f]{4}\)$/) as string;
    const launches = [{ ok: true, team: "shop", message }];
    expect(ended.stop).toMatchObject({ code: 0, json: { ok: true, launches, agents: [] } });
    expect(await bed.agents()).toEqual([]);
    expect([storedIn(bed), artifactsIn(bed)]).toEqual([[null, null], []]);
    expect(existsSync(join(bed.dataDir, "worktrees/shop/cy"))).toBe(false);
    expect(bed.git("branch", "--list", "gatehouse/*")).toBe("");
    expect(bed.journals().match(/"type":"undone"/g)).toHaveLength(1);
    expect(bed.journals()).not.toMatch(/"type":"(?:clearing|spawning)"/);
  });

  test("of a known team, leaves it and its last launch as they were, and ends what runs", async () => {
    const bed = makeLaunchBed();
    expect((await bed.gatehouse(["launch", bed.teamFile()])).code).toBe(0);
    const stored = storedIn(bed);
    const hangs = { team: bed.teamFile(bo), says: '"execute"', stop: ["shop/"] };
    bed.behaves({ start: "hang" });
    const ended = await stoppedAt(bed, hangs);
    expect(ended.launch).toMatchObject(cancelled);
    expect(ended.stop).toMatchObject({ code: 0, json: { agents: [{ ok: true, member: "ana" }] } });
    expect([storedIn(bed), artifactsIn(bed)]).toEqual([stored, []]);
    expect(await bed.agents()).toEqual([]);
  });

  test("and starts its agents, ends it and each of them", async () => {
    const bed = makeLaunchBed();
    const members = Array.from({ length: 24 }, (_, at) => `{ name: m${at}, provider: claude, folder: b }`);
    const ended = await stoppedAt(bed, {
      ...{ team: bed.teamFile(...members), says: '"spawning"', stop: ["--all"] },
    });
    expect(ended.launch).toMatchObject(cancelled);
    expect(ended.stop).toMatchObject({ code: 0, json: { ok: true, launches: [{ ok: true, team: "shop" }] } });
    expect(await bed.agents()).toEqual([]);
    // Four start at once, and none of the others once the stop is heard, which takes a busy machine a while.
    expect(bed.journals().match(/"type":"spawning"/g)?.length).toBeLessThan(24);
    expect(artifactsIn(bed)).toEqual([]);
  });
});
