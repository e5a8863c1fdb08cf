// @module-tag rest
import process from "node:process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { makeLaunchFixture, type LaunchFixture } from "./launch.fixture.ts";

const patience = { timeout: 100_000, interval: 5 };
const bo = "{ name: bo, provider: claude, folder: b }";
const cy = "{ name: cy, provider: claude, folder: repo, worktree: true }";
const ofHome = '{ name: ho, provider: claude, folder: "~" }';

const alive = async (fixture: LaunchFixture) =>
  (await fixture.agents()).filter(({ state }) => state !== "ended");
const worktreesOf = (fixture: LaunchFixture): readonly string[] => {
  const folder = join(fixture.dataDir, "worktrees", "shop");
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe("gatehouse launch", { tags: ["slow"] }, () => {
  test("trusts exactly the team's folders, starts its agents, and finds them again at the next launch", async () => {
    const fixture = makeLaunchFixture();
    const team = fixture.teamFile(bo, cy);
    const first = await fixture.gatehouse(["launch", team, "--json"]);
    const worktree = join(fixture.dataDir, "worktrees/shop/cy");
    expect(first.stderr).toBe("");
    const trusted = { trust: "trusted", trustCode: "trusted" };
    expect(first.json).toEqual({
      ok: true,
      launch: { id: expect.any(String), team: "shop", state: "ready" },
      members: [
        { member: "ana", provider: "claude", folder: fixture.at("a"), state: "ready", ...trusted },
        { member: "bo", provider: "claude", folder: fixture.at("b"), state: "ready", ...trusted },
        { member: "cy", provider: "claude", folder: worktree, state: "ready", ...trusted },
      ],
    });
    expect(first.code).toBe(0);
    expect(fixture.trusted()).toEqual([fixture.at("a"), fixture.at("b"), fixture.at("repo")]);
    const before = await alive(fixture);
    expect(before.map(({ member }) => member)).toEqual(["ana", "bo", "cy"]);

    const again = await fixture.gatehouse(["launch", team]);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^ready +shop {2}\d{8}-\d{6}-[\da-f]{4}$/m);
    expect((await alive(fixture)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));

    const { id } = (first.json as { launch: { id: string } }).launch;
    const list = await fixture.gatehouse(["launches", "list", "--json"]);
    expect(list.json).toMatchObject({ ok: true, launches: [{ state: "ready" }, { id, state: "ready" }] });
    const shown = await fixture.gatehouse(["launches", "show", id]);
    expect(shown.stdout).toMatch(
      /launch of a new team, 3 agents[^]*3 claude trusted[^]*ends as ready[^]*now: ana, bo and cy are ready since/,
    );
  });

  test("is blocked before any agent starts if one folder is HOME, and keeps the previous launch intact", async () => {
    const fixture = makeLaunchFixture();
    expect((await fixture.gatehouse(["launch", fixture.teamFile()])).code).toBe(0);
    const [before, trusted] = [await alive(fixture), fixture.trusted()];
    const blocked = await fixture.gatehouse(["launch", fixture.teamFile(bo, cy, ofHome), "--json"]);
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
    expect(fixture.trusted()).toEqual(trusted);
    expect(await alive(fixture)).toEqual(before);
    expect(worktreesOf(fixture)).toEqual([]);
    expect(readdirSync(join(fixture.dataDir, "launches/artifacts"))).toHaveLength(1);
  });

  test("explains that no trust is prepared if its flag is off, and finds the CLIs", async () => {
    const fixture = makeLaunchFixture({}, { AGENT_TEAMS_WORKSPACE_TRUST_PREFLIGHT: "0" });
    const explained = await fixture.gatehouse(["launch", fixture.teamFile(), "--explain", "--json"]);
    const member = { trust: "left", code: "trust-left-alone", cli: join(fixture.root, "bin", "claude") };
    expect(explained).toMatchObject({ code: 0, json: { ok: true, plan: { members: [member] } } });
    const said = await fixture.gatehouse(["launch", fixture.teamFile(), "--explain"]);
    expect(said.stdout).toContain("AGENT_TEAMS_WORKSPACE_TRUST_PREFLIGHT is off");
  });

  test("explains what it would do, and writes nothing", async () => {
    const fixture = makeLaunchFixture();
    const explained = await fixture.gatehouse(["launch", fixture.teamFile(cy), "--explain", "--json"]);
    expect(explained).toMatchObject({
      code: 0,
      json: {
        ok: true,
        plan: { team: "shop", members: [{ trust: "ask" }, { branch: "gatehouse/shop/cy" }] },
      },
    });
    const blocked = await fixture.gatehouse(["launch", fixture.teamFile(ofHome), "--explain", "--json"]);
    const error = { code: "home-not-persistable", message: expect.any(String), fix: expect.any(String) };
    expect(blocked).toMatchObject({ code: 1, json: { ok: false, error } });
    expect(existsSync(fixture.dataDir)).toBe(false);
    expect(fixture.trusted()).toEqual([]);
  });

  test("names every problem of a team file with its line, and a missing file", async () => {
    const fixture = makeLaunchFixture();
    const file = fixture.at("bad.yaml");
    writeFileSync(file, "name: shop\nlead: { name: ana, provider: cloud, folder: a }\nextra: 1\n");
    const bad = await fixture.gatehouse(["launch", file, "--json"]);
    const message = expect.stringMatching(/bad\.yaml:2:\d+: [^]*bad\.yaml:3:1: /);
    expect(bad).toMatchObject({
      code: 1,
      json: { ok: false, error: { code: "team-file-invalid", message } },
    });
    const missing = await fixture.gatehouse(["launch", "nowhere.yaml", "--json"]);
    expect(missing).toMatchObject({ code: 1, json: { error: { code: "team-file-unreadable" } } });
    for (const args of [["bad.yaml"], ["--agents", "2", "--provider", "codex", "a"]]) {
      const misused = await fixture.gatehouse(["launch", ...args, "--provider", "claude", "--json"]);
      const provider = expect.stringContaining("--provider") as unknown;
      expect(misused).toMatchObject({ code: 2, json: { error: { code: "usage", message: provider } } });
    }
  });

  test("starts several agents in one folder without a file, never as members of a running team", async () => {
    const fixture = makeLaunchFixture();
    const args = ["launch", "--agents", "2", "--provider", "claude", "a", "--json"];
    for (const team of ["a", "a-2"])
      expect(await fixture.gatehouse(args)).toMatchObject({
        code: 0,
        json: { launch: { team, state: "ready" } },
      });
    expect(await fixture.gatehouse(["stop", "a"])).toMatchObject({ code: 0 });
    const left = (await alive(fixture)).map(({ team, member }) => `${team}/${member}`);
    expect(left).toEqual(["a-2/agent-1", "a-2/agent-2"]);
  });

  test("gives each launch without a file its own team, also for concurrent launches", async () => {
    const fixture = makeLaunchFixture();
    const args = ["launch", "--agents", "1", "--provider", "claude", "a", "--json"];
    const ends = await Promise.all([1, 2, 3].map(() => fixture.gatehouse(args)));
    for (const end of ends) expect(end).toMatchObject({ code: 0, json: { launch: { state: "ready" } } });
    const teams = ends.map(({ json }) => (json as { launch: { team: string } }).launch.team);
    expect(teams.sort()).toEqual(["a", "a-2", "a-3"]);
    expect(await alive(fixture)).toHaveLength(3);
  });

  test("starts each agent once if two launches of a team begin at one time", async () => {
    const fixture = makeLaunchFixture();
    const args = ["launch", fixture.teamFile(bo), "--json"];
    const ends = await Promise.all([fixture.gatehouse(args), fixture.gatehouse(args)]);
    for (const end of ends) expect(end).toMatchObject({ code: 0, json: { launch: { state: "ready" } } });
    expect((await alive(fixture)).map(({ member }) => member)).toEqual(["ana", "bo"]);
  });

  test("exits with 3 if an agent asks for a person and ends, seen before its end or after", async () => {
    const fixture = makeLaunchFixture();
    const projects = { [fixture.at("a")]: { hasTrustDialogAccepted: true } };
    // This Claude Code is not set up: it finds no connection, and ends 20 ms later.
    writeFileSync(join(fixture.home, ".claude.json"), JSON.stringify({ projects }));
    const ended = await fixture.gatehouse(["launch", fixture.teamFile(), "--json"]);
    expect(ended).toMatchObject({
      code: 3,
      json: {
        ok: false,
        launch: { state: "waiting" },
        members: [{ member: "ana", code: "no-connection" }],
        error: { code: "no-connection", message: expect.any(String), fix: expect.any(String) },
      },
    });
    // The same after its end: no process has to read the screen while the agent runs.
    await vi.waitFor(async () => {
      const [ana] = await fixture.agents();
      expect(ana).toMatchObject({ state: "ended", exitCode: 1, endedAt: "no-connection" });
    }, patience);
  });

  test("starts nothing and removes its worktree if it is interrupted while it prepares trust", async () => {
    const fixture = makeLaunchFixture({ start: "hang" });
    const ended = fixture.gatehouse(["launch", fixture.teamFile(cy), "--json"], (pid) => {
      void vi
        .waitFor(() => expect(fixture.journals()).toContain('"execute"'), patience)
        .then(() => process.kill(pid, "SIGINT"));
    });
    expect(await ended).toMatchObject({ code: 130, json: { ok: false, launch: { state: "cancelled" } } });
    expect(await fixture.agents()).toEqual([]);
    expect(worktreesOf(fixture)).toEqual([]);
    expect(fixture.git("branch", "--list", "gatehouse/*")).toBe("");
  });
});

const killedAt = ["worktrees", "execute", "clear", "bootstrap", "spawn", "settle"];

describe("a launcher that is killed", { tags: ["soak"] }, () => {
  test.for(killedAt)(
    "is reported by the next launch, which starts each agent only once (killed at step %s)",
    async (step) => {
      const fixture = makeLaunchFixture();
      const team = fixture.teamFile(bo, cy);
      const killed = await fixture.gatehouse(["launch", team], (pid) => {
        void vi
          .waitFor(() => expect(fixture.journals()).toContain(`"step":"${step}"`), patience)
          .then(() => process.kill(pid, "SIGKILL"));
      });
      expect(killed.code).toBe(null);
      const list = await fixture.gatehouse(["launches", "list", "--json"]);
      expect(list.json).toMatchObject({ launches: [{ state: "interrupted" }] });
      const next = await fixture.gatehouse(["launch", team, "--json"]);
      expect(next).toMatchObject({ code: 0, json: { ok: true, launch: { state: "ready" } } });
      expect((await alive(fixture)).map(({ member }) => member)).toEqual(["ana", "bo", "cy"]);
      expect(worktreesOf(fixture)).toEqual(["cy"]);
      // The kill arrives a moment after the step was seen, so it may hit the next step.
      expect(fixture.journals()).toContain("was killed in its step");
    },
  );
});
