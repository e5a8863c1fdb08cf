import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import { launchFixture, type LaunchFixture } from "./launch.fixture.ts";
import { artifactFile } from "./store/read-journals.ts";

const noMore = { code: "spawn-failed", message: "there is no more memory" };

describe("a launch whose agents cannot be started", () => {
  test("is cancelled, not blocked, if its caller cancelled meanwhile", async () => {
    const fixture = launchFixture();
    const end = await fixture.run(fixture.team(), {
      leavesAt: "spawning",
      scripts: { ana: { fails: { code: "cancelled", message: "it was cancelled" } } },
    });
    expect(end).toMatchObject({ value: { launch: { state: "cancelled" }, error: { code: "cancelled" } } });
    expect(await fixture.kept()).toMatchObject({ team: null, artifacts: 0, ends: ["cancelled"] });
  });

  test("starts no agent after its end if a start throws", async () => {
    const fixture = launchFixture();
    const names = ["ana", "bo", "cy", "di", "ed", "fay"];
    let [calls, atWork] = [0, 0];
    const start = async ({ member }: { readonly member: { readonly name: string } }) => {
      calls += 1;
      if (member.name === "ana") throw new Error("broken off");
      atWork += 1;
      // Takes longer than the release of a lock.
      for (let turns = 0; turns < 50; turns += 1) await fixture.journals();
      atWork -= 1;
      return { ok: false as const, error: noMore };
    };
    const team = fixture.team(...names.map((name) => fixture.member(name, "trusted")));
    await expect(fixture.run(team, { runtime: { start } })).rejects.toThrow("broken off");
    expect({ calls, atWork }).toEqual({ calls: 4, atWork: 0 });
  });
});

test("a launch continues if the list of agents cannot be read for a while", async () => {
  const fixture = launchFixture();
  let looks = 0;
  const list = async () =>
    (looks += 1) < 4 ? null : fixture.agents.map((it) => ({ ...it, state: "ready" as const }));
  const end = await fixture.run(fixture.team(), { runtime: { list } });
  expect(end).toMatchObject({ value: { ok: true, launch: { state: "ready" } } });
});

describe("a launch with running agents", () => {
  test("counts its time limit from the agents' start, without the time for trust", async () => {
    const fixture = launchFixture();
    let hasStarted = false;
    const start = async () => {
      // Longer than the time limit, which must not include this.
      for (let looks = 0; looks < 1000 && !hasStarted; looks += 1) await fixture.pause(1_000);
      hasStarted = true;
      fixture.agents.push({
        id: "ana-0",
        member: "ana",
        provider: "claude",
        folder: fixture.at("trusted"),
        state: "starting",
      });
      return { ok: true as const, value: { id: "ana-0" } };
    };
    let looks = 0;
    const list = async () => {
      const state = hasStarted && (looks += 1) > 20 ? ("ready" as const) : ("starting" as const);
      return fixture.agents.map((it) => ({ ...it, state }));
    };
    const end = await fixture.run(fixture.team(), { runtime: { start, list }, timeoutMs: 5_000 });
    expect(end).toMatchObject({ value: { ok: true, launch: { state: "ready" } } });
  });

  test.for([false, true])(
    "does not wait for an agent whose readiness cannot be detected (until ready: %s)",
    async (untilReady) => {
      const fixture = launchFixture();
      let looks = 0;
      const notice = { code: "readiness-unproven", message: "No rule reads it.", fix: "attach" };
      const list = async () => {
        looks += 1;
        return fixture.agents.map((it) => ({
          ...it,
          state: "starting" as const,
          isProvable: false,
          ...notice,
        }));
      };
      const end = await fixture.run(fixture.team(), { runtime: { list }, untilReady, timeoutMs: 600_000 });
      expect(end).toMatchObject({
        value: {
          ok: false,
          launch: { state: "starting" },
          members: [{ member: "ana", state: "starting", ...notice }],
          error: notice,
        },
      });
      expect(looks).toBeLessThan(5);
    },
  );

  test.for([
    { name: "waits", becomes: "waiting", code: "unknown-dialog" },
    { name: "is not ready in time", becomes: "starting", code: "not-ready-in-time" },
  ] as const)("has an error if an agent $name", async ({ becomes, code }) => {
    const fixture = launchFixture();
    const end = await fixture.run(fixture.team(), { scripts: { ana: { becomes: [becomes] } } });
    const error = {
      code,
      message: expect.stringContaining("ana") as unknown,
      fix: expect.any(String) as unknown,
    };
    expect(end).toMatchObject({ value: { ok: false, launch: { state: becomes }, error } });
  });
});

describe("a launch that is refused", () => {
  test.for([
    { name: "a worktree is impossible", folder: "trusted", losesResults: false, code: "worktree-impossible" },
    { name: "preflight returns no result", folder: "repo", losesResults: true, code: "trust-unknown" },
  ])("names every member if $name", async ({ folder, losesResults, code }) => {
    const fixture = launchFixture();
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("cy", folder, { worktree: true }),
      fixture.member("bo", "trusted"),
    );
    const end = await fixture.run(team, { losesResults });
    expect(end).toMatchObject({
      value: {
        launch: { state: "blocked" },
        error: { code },
        members: ["ana", "cy", "bo"].map((member) => ({
          member,
          state: "blocked",
          message: expect.any(String) as unknown,
        })),
      },
    });
    expect(fixture.started).toEqual([]);
  });

  test("keeps a stored team that it cannot read", async () => {
    const fixture = launchFixture();
    const folder = join(fixture.dataDir, "launches/teams");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "shop.json"), "{");
    await fixture.run(fixture.team(), { scripts: { ana: { fails: noMore } } });
    expect(existsSync(join(folder, "shop.json.unreadable"))).toBe(true);
  });
});

describe("a member whose folder preflight could not trust", () => {
  /** A Claude that prints its version, and otherwise exits before it asks. */
  const brokenClaude = (fixture: LaunchFixture): string => {
    const file = fixture.at("claude");
    writeFileSync(
      file,
      '#!/bin/sh\n[ "$1" = --version ] && echo "2.1.328 (Claude Code)" && exit 0\nexit 7\n',
    );
    chmodSync(file, 0o755);
    return file;
  };

  test("is started anyway, and its report keeps the code", async () => {
    const fixture = launchFixture();
    const cli = { claude: brokenClaude(fixture) };
    const end = await fixture.run(
      fixture.team(fixture.member("ana", "fresh"), fixture.member("bo", "trusted")),
      {
        cli,
      },
    );
    expect(end).toMatchObject({
      value: {
        launch: { state: "ready" },
        members: [
          { member: "ana", state: "ready", trust: "failed", trustCode: "cli-exited" },
          { member: "bo", state: "ready", trust: "already-trusted", trustCode: "already-trusted" },
        ],
      },
    });
  });

  test("has both errors and a fix in its report if its start was refused because trust was missing", async () => {
    const fixture = launchFixture();
    const cli = { claude: brokenClaude(fixture) };
    const fails = { code: "workspace_trust_required", message: "it is not trusted" };
    const end = await fixture.run(fixture.team(fixture.member("ana", "fresh")), {
      cli,
      scripts: { ana: { fails } },
    });
    const error = {
      code: "workspace_trust_required",
      title: "Workspace trust required",
      message: "it is not trusted",
      preflight: expect.stringMatching(/exit.* \(cli-exited\)$/s) as unknown,
      fix: expect.any(String) as unknown,
    };
    expect(end).toMatchObject({
      value: { launch: { state: "blocked" }, error, members: [{ ...error, trustCode: "cli-exited" }] },
    });
    const [journal] = await fixture.journals();
    const artifact = JSON.parse(
      readFileSync(artifactFile(fixture.dataDir, journal?.id ?? ""), "utf8"),
    ) as LaunchArtifact;
    expect(artifact).toMatchObject({ error, members: [error] });
    expect(journal?.entries.filter(({ type }) => type === "not-spawned")).toMatchObject([error]);
  });

  test("has a fix that names the preflight to run before, if its CLI has no launch option", async () => {
    const fixture = launchFixture();
    const cli = { kimi: brokenClaude(fixture) };
    const end = await fixture.run(fixture.team(fixture.member("ana", "fresh", { provider: "kimi" })), {
      cli,
    });
    const fix = `have Kimi Code record trust in ${fixture.at("fresh")} first, then launch again`;
    const error = { code: "consent-needed", fix };
    expect(end).toMatchObject({ value: { launch: { state: "blocked" }, error, members: [error] } });
  });
});
