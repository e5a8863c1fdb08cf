import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import { launchGround, type LaunchGround } from "./launch-ground.fixture.ts";
import { artifactFile } from "./store/read-journals.ts";

const noMore = { code: "spawn-failed", message: "there is no more memory" };

describe("a launch whose agents cannot be started", () => {
  test("is cancelled, not blocked, if its caller left meanwhile", async () => {
    const ground = launchGround();
    const end = await ground.run(ground.team(), {
      leavesAt: "spawning",
      scripts: { ana: { fails: { code: "cancelled", message: "it was cancelled" } } },
    });
    expect(end).toMatchObject({ value: { launch: { state: "cancelled" }, error: { code: "cancelled" } } });
    expect(await ground.kept()).toMatchObject({ team: null, artifacts: 0, ends: ["cancelled"] });
  });

  test("starts none after its end, if a start throws", async () => {
    const ground = launchGround();
    const names = ["ana", "bo", "cy", "di", "ed", "fay"];
    let [calls, atWork] = [0, 0];
    const start = async ({ member }: { readonly member: { readonly name: string } }) => {
      calls += 1;
      if (member.name === "ana") throw new Error("broken off");
      atWork += 1;
      // Longer than the release of a lock.
      for (let turns = 0; turns < 50; turns += 1) await ground.journals();
      atWork -= 1;
      return { ok: false as const, error: noMore };
    };
    const team = ground.team(...names.map((name) => ground.member(name, "trusted")));
    await expect(ground.run(team, { runtime: { start } })).rejects.toThrow("broken off");
    expect({ calls, atWork }).toEqual({ calls: 4, atWork: 0 });
  });
});

test("a list of agents that cannot be read at one look ends no launch", async () => {
  const ground = launchGround();
  let looks = 0;
  const list = async () =>
    (looks += 1) < 4 ? null : ground.agents.map((it) => ({ ...it, state: "ready" as const }));
  const end = await ground.run(ground.team(), { runtime: { list } });
  expect(end).toMatchObject({ value: { ok: true, launch: { state: "ready" } } });
});

describe("a launch waits for its agents", () => {
  test("from when they were started: what trust took is not counted", async () => {
    const ground = launchGround();
    let hasStarted = false;
    const start = async () => {
      // So long that the time would be over if it were counted.
      for (let looks = 0; looks < 1000 && !hasStarted; looks += 1) await ground.pause(1_000);
      hasStarted = true;
      ground.agents.push({
        ...{
          id: "ana-0",
          member: "ana",
          provider: "claude",
          folder: ground.at("trusted"),
          state: "starting",
        },
      });
      return { ok: true as const, value: { id: "ana-0" } };
    };
    let looks = 0;
    const list = async () => {
      const state = hasStarted && (looks += 1) > 20 ? ("ready" as const) : ("starting" as const);
      return ground.agents.map((it) => ({ ...it, state }));
    };
    const end = await ground.run(ground.team(), { runtime: { start, list }, timeoutMs: 5_000 });
    expect(end).toMatchObject({ value: { ok: true, launch: { state: "ready" } } });
  });

  test.for([false, true])(
    "not for one whose readiness nothing proves (until ready: %s)",
    async (untilReady) => {
      const ground = launchGround();
      let looks = 0;
      const notice = { code: "readiness-unproven", message: "No rule reads it.", fix: "attach" };
      const list = async () => {
        looks += 1;
        return ground.agents.map((it) => ({
          ...it,
          state: "starting" as const,
          isProvable: false,
          ...notice,
        }));
      };
      const end = await ground.run(ground.team(), { runtime: { list }, untilReady, timeoutMs: 600_000 });
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
  ] as const)("and has an error where one $name", async ({ becomes, code }) => {
    const ground = launchGround();
    const end = await ground.run(ground.team(), { scripts: { ana: { becomes: [becomes] } } });
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
    { name: "preflight says nothing", folder: "repo", losesResults: true, code: "trust-unknown" },
  ])("names every member when $name", async ({ folder, losesResults, code }) => {
    const ground = launchGround();
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("cy", folder, { worktree: true }),
      ground.member("bo", "trusted"),
    );
    const end = await ground.run(team, { losesResults });
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
    expect(ground.started).toEqual([]);
  });

  test("keeps a stored team that it cannot read", async () => {
    const ground = launchGround();
    const folder = join(ground.dataDir, "launches/teams");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "shop.json"), "{");
    await ground.run(ground.team(), { scripts: { ana: { fails: noMore } } });
    expect(existsSync(join(folder, "shop.json.unreadable"))).toBe(true);
  });
});

describe("a member whose folder preflight could not trust", () => {
  /** A Claude that says its version and then breaks before it asks. */
  const brokenClaude = (ground: LaunchGround): string => {
    const file = ground.at("claude");
    writeFileSync(
      file,
      '#!/bin/sh\n[ "$1" = --version ] && echo "2.1.328 (Claude Code)" && exit 0\nexit 7\n',
    );
    chmodSync(file, 0o755);
    return file;
  };

  test("is started all the same, and its report keeps the code", async () => {
    const ground = launchGround();
    const cli = { claude: brokenClaude(ground) };
    const end = await ground.run(ground.team(ground.member("ana", "fresh"), ground.member("bo", "trusted")), {
      cli,
    });
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

  test("and whose start is refused for want of trust is told both, and how to mend it", async () => {
    const ground = launchGround();
    const cli = { claude: brokenClaude(ground) };
    const fails = { code: "workspace_trust_required", message: "it is not trusted" };
    const end = await ground.run(ground.team(ground.member("ana", "fresh")), {
      ...{ cli, scripts: { ana: { fails } } },
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
    const [journal] = await ground.journals();
    const artifact = JSON.parse(
      readFileSync(artifactFile(ground.dataDir, journal?.id ?? ""), "utf8"),
    ) as LaunchArtifact;
    expect(artifact).toMatchObject({ error, members: [error] });
    expect(journal?.entries.filter(({ type }) => type === "not-spawned")).toMatchObject([error]);
  });

  test("is told how to be asked beforehand, if its CLI can only be asked: a launch has no flag for it", async () => {
    const ground = launchGround();
    const cli = { kimi: brokenClaude(ground) };
    const end = await ground.run(ground.team(ground.member("ana", "fresh", { provider: "kimi" })), { cli });
    const fix = `have Kimi Code record trust in ${ground.at("fresh")} first, then launch again`;
    const error = { code: "consent-needed", fix };
    expect(end).toMatchObject({ value: { launch: { state: "blocked" }, error, members: [error] } });
  });
});
