import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test, vi } from "vitest";
import { makeLaunchBed, type LaunchBed } from "./launch.fixture.ts";

const patience = { timeout: 60_000, interval: 5 };
const bo = "{ name: bo, provider: claude, folder: b }";
const cy = "{ name: cy, provider: claude, folder: repo, worktree: true }";
const ofHome = '{ name: ho, provider: claude, folder: "~" }';

const alive = async (bed: LaunchBed) => (await bed.agents()).filter(({ state }) => state !== "ended");
const worktreesOf = (bed: LaunchBed): readonly string[] => {
  const folder = join(bed.dataDir, "worktrees", "shop");
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe("gatehouse launch", { tags: ["slow"] }, () => {
  test("trusts exactly the team's folders, starts its agents, and finds them again the next time", async () => {
    const bed = makeLaunchBed();
    const team = bed.teamFile(bo, cy);
    const first = await bed.gatehouse(["launch", team, "--json"]);
    const worktree = join(bed.dataDir, "worktrees/shop/cy");
    expect(first.stderr).toBe("");
    const trusted = { trust: "trusted", trustCode: "trusted" };
    expect(first.json).toEqual({
      ok: true,
      launch: { id: expect.any(String), team: "shop", state: "ready" },
      members: [
        { member: "ana", provider: "claude", folder: bed.at("a"), state: "ready", ...trusted },
        { member: "bo", provider: "claude", folder: bed.at("b"), state: "ready", ...trusted },
        { member: "cy", provider: "claude", folder: worktree, state: "ready", ...trusted },
      ],
    });
    expect(first.code).toBe(0);
    expect(bed.trusted()).toEqual([bed.at("a"), bed.at("b"), bed.at("repo")]);
    const before = await alive(bed);
    expect(before.map(({ member }) => member)).toEqual(["ana", "bo", "cy"]);

    const again = await bed.gatehouse(["launch", team]);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^ready +shop {2}\d{8}-\d{6}-[\da-f]{4}$/m);
    expect((await alive(bed)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));

    const { id } = (first.json as { launch: { id: string } }).launch;
    const list = await bed.gatehouse(["launches", "list", "--json"]);
    expect(list.json).toMatchObject({ ok: true, launches: [{ state: "ready" }, { id, state: "ready" }] });
    const shown = await bed.gatehouse(["launches", "show", id]);
    expect(shown.stdout).toMatch(
      /launch of a new team, 3 agents[^]*3 claude trusted[^]*ends as ready[^]*now: ana, bo and cy are ready since/,
    );
  });

  test("is blocked before any agent when one folder is HOME, and leaves the launch before it intact", async () => {
    const bed = makeLaunchBed();
    expect((await bed.gatehouse(["launch", bed.teamFile()])).code).toBe(0);
    const [before, trusted] = [await alive(bed), bed.trusted()];
    const blocked = await bed.gatehouse(["launch", bed.teamFile(bo, cy, ofHome), "--json"]);
    expect(blocked.code).toBe(1);
    expect(blocked.json).toMatchObject({
      ok: false,
      launch: { state: "blocked" },
      members: [
        { state: "blocked" },
        { state: "blocked" },
        { state: "blocked" },
        { member: "ho", state: "blocked", code: "home-not-persistable", fix: expect.any(String) },
      ],
      error: { code: "home-not-persistable", fix: expect.any(String) },
    });
    expect(bed.trusted()).toEqual(trusted);
    expect(await alive(bed)).toEqual(before);
    expect(worktreesOf(bed)).toEqual([]);
    expect(readdirSync(join(bed.dataDir, "launches/artifacts"))).toHaveLength(1);
  });

  test("explains that no trust is prepared where the flag for it is off, and finds the CLIs", async () => {
    const bed = makeLaunchBed({}, { AGENT_TEAMS_WORKSPACE_TRUST_PREFLIGHT: "0" });
    const explained = await bed.gatehouse(["launch", bed.teamFile(), "--explain", "--json"]);
    const member = { trust: "left", code: "trust-left-alone", cli: join(bed.root, "bin", "claude") };
    expect(explained).toMatchObject({ code: 0, json: { ok: true, plan: { members: [member] } } });
    const said = await bed.gatehouse(["launch", bed.teamFile(), "--explain"]);
    expect(said.stdout).toContain("AGENT_TEAMS_WORKSPACE_TRUST_PREFLIGHT is off");
  });

  test("explains what it would do, and writes nothing", async () => {
    const bed = makeLaunchBed();
    const explained = await bed.gatehouse(["launch", bed.teamFile(cy), "--explain", "--json"]);
    expect(explained).toMatchObject({
      code: 0,
      json: {
        ok: true,
        plan: { team: "shop", members: [{ trust: "ask" }, { branch: "gatehouse/shop/cy" }] },
      },
    });
    const blocked = await bed.gatehouse(["launch", bed.teamFile(ofHome), "--explain", "--json"]);
    const error = { code: "home-not-persistable", message: expect.any(String), fix: expect.any(String) };
    expect(blocked).toMatchObject({ code: 1, json: { ok: false, error } });
    expect(existsSync(bed.dataDir)).toBe(false);
    expect(bed.trusted()).toEqual([]);
  });

  test("names every problem of a team file with its place, and a file that is not there", async () => {
    const bed = makeLaunchBed();
    const file = bed.at("bad.yaml");
    writeFileSync(file, "name: shop\nlead: { name: ana, provider: cloud, folder: a }\nextra: 1\n");
    const bad = await bed.gatehouse(["launch", file, "--json"]);
    const message = expect.stringMatching(/bad\.yaml:2:\d+: [^]*bad\.yaml:3:1: /);
    expect(bad).toMatchObject({
      code: 1,
      json: { ok: false, error: { code: "team-file-invalid", message } },
    });
    const missing = await bed.gatehouse(["launch", "nowhere.yaml", "--json"]);
    expect(missing).toMatchObject({ code: 1, json: { error: { code: "team-file-unreadable" } } });
    for (const args of [["bad.yaml"], ["--agents", "2", "--provider", "codex", "a"]]) {
      const misused = await bed.gatehouse(["launch", ...args, "--provider", "claude", "--json"]);
      const provider = expect.stringContaining("--provider") as unknown;
      expect(misused).toMatchObject({ code: 2, json: { error: { code: "usage", message: provider } } });
    }
  });

  test("starts several agents in one folder without a file, never as members of a team that runs", async () => {
    const bed = makeLaunchBed();
    const args = ["launch", "--agents", "2", "--provider", "claude", "a", "--json"];
    for (const team of ["a", "a-2"])
      expect(await bed.gatehouse(args)).toMatchObject({
        code: 0,
        json: { launch: { team, state: "ready" } },
      });
    expect(await bed.gatehouse(["stop", "a"])).toMatchObject({ code: 0 });
    const left = (await alive(bed)).map(({ team, member }) => `${team}/${member}`);
    expect(left).toEqual(["a-2/agent-1", "a-2/agent-2"]);
  });

  test("gives each of several launches without a file a team of its own, also at the same moment", async () => {
    const bed = makeLaunchBed();
    const args = ["launch", "--agents", "1", "--provider", "claude", "a", "--json"];
    const ends = await Promise.all([1, 2, 3].map(() => bed.gatehouse(args)));
    for (const end of ends) expect(end).toMatchObject({ code: 0, json: { launch: { state: "ready" } } });
    const teams = ends.map(({ json }) => (json as { launch: { team: string } }).launch.team);
    expect(teams.sort()).toEqual(["a", "a-2", "a-3"]);
    expect(await alive(bed)).toHaveLength(3);
  });

  test("starts each agent once where two launches of a team begin at once", async () => {
    const bed = makeLaunchBed();
    const args = ["launch", bed.teamFile(bo), "--json"];
    const ends = await Promise.all([bed.gatehouse(args), bed.gatehouse(args)]);
    for (const end of ends) expect(end).toMatchObject({ code: 0, json: { launch: { state: "ready" } } });
    expect((await alive(bed)).map(({ member }) => member)).toEqual(["ana", "bo"]);
  });

  test("needs a person where an agent says so and ends, whether that is seen before its end or after", async () => {
    const bed = makeLaunchBed();
    const projects = { [bed.at("a")]: { hasTrustDialogAccepted: true } };
    // Not set up: this Claude Code finds no connection, and ends 20 ms later.
    writeFileSync(join(bed.home, ".claude.json"), JSON.stringify({ projects }));
    const ended = await bed.gatehouse(["launch", bed.teamFile(), "--json"]);
    expect(ended).toMatchObject({
      code: 3,
      json: {
        ...{ ok: false, launch: { state: "waiting" }, members: [{ member: "ana", code: "no-connection" }] },
        error: { code: "no-connection", message: expect.any(String), fix: expect.any(String) },
      },
    });
    // Afterwards too: nobody has to have looked while it was there.
    await vi.waitFor(async () => {
      const [ana] = await bed.agents();
      expect(ana).toMatchObject({ state: "ended", exitCode: 1, endedAt: "no-connection" });
    }, patience);
  });

  test("that is interrupted while it prepares trust starts nothing, and takes its worktree back", async () => {
    const bed = makeLaunchBed({ start: "hang" });
    const ended = bed.gatehouse(["launch", bed.teamFile(cy), "--json"], (pid) => {
      void vi
        .waitFor(() => expect(bed.journals()).toContain('"execute"'), patience)
        .then(() => process.kill(pid, "SIGINT"));
    });
    expect(await ended).toMatchObject({ code: 130, json: { ok: false, launch: { state: "cancelled" } } });
    expect(await bed.agents()).toEqual([]);
    expect(worktreesOf(bed)).toEqual([]);
    expect(bed.git("branch", "--list", "gatehouse/*")).toBe("");
  });
});

const killedAt = ["worktrees", "execute", "clear", "bootstrap", "spawn", "settle"];

describe("a launcher that is killed", { tags: ["soak"] }, () => {
  test.for(killedAt)(
    "at its step %s is told of by the next, which ends with each agent once",
    async (step) => {
      const bed = makeLaunchBed();
      const team = bed.teamFile(bo, cy);
      const killed = await bed.gatehouse(["launch", team], (pid) => {
        void vi
          .waitFor(() => expect(bed.journals()).toContain(`"step":"${step}"`), patience)
          .then(() => process.kill(pid, "SIGKILL"));
      });
      expect(killed.code).toBe(null);
      const list = await bed.gatehouse(["launches", "list", "--json"]);
      expect(list.json).toMatchObject({ launches: [{ state: "interrupted" }] });
      const next = await bed.gatehouse(["launch", team, "--json"]);
      expect(next).toMatchObject({ code: 0, json: { ok: true, launch: { state: "ready" } } });
      expect((await alive(bed)).map(({ member }) => member)).toEqual(["ana", "bo", "cy"]);
      expect(worktreesOf(bed)).toEqual(["cy"]);
      // The kill comes a moment after the step was seen, so it may meet the next one.
      expect(bed.journals()).toContain("was killed in its step");
    },
  );
});
