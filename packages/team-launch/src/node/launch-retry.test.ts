import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import { defaultFlags } from "../flags.ts";
import { lastOf } from "../lifecycle/journal.ts";
import { launchGround, type LaunchGround } from "./launch-ground.fixture.ts";
import { artifactFile } from "./store/read-journals.ts";

const headless = `Teammate "ana" cannot start in headless process runtime because workspace trust is not accepted for "/a".`;
const bootstrap = "bootstrap failed: workspace trust is not accepted";
const byCode = { code: "workspace_trust_required", message: "it is not trusted" };
const byText = { code: "holder-failed", message: headless };
const byBootstrap = { code: "holder-failed", message: bootstrap };
const noCli = { code: "cli-not-found", message: "there is no claude" };
const noModel = { code: "holder-failed", message: "There's an issue with the selected model (opus-9)." };
const refused = { code: "spawn-failed", message: "EACCES: permission denied" };

const attemptsOf = async (ground: LaunchGround) =>
  (await ground.journals()).map(({ entries }) => lastOf(entries, "run")?.run.attempt);

const withRetry = { ...defaultFlags, retry: true };
/** The member bo is ready at once. */
const teamOf = (ground: LaunchGround) =>
  ground.team(ground.member("ana", "trusted"), ground.member("bo", "repo"));

describe("a retry", () => {
  test.for([
    { name: "by its event, once", fails: byCode, times: 1, retry: true, ends: ["ended", "ready"] },
    { name: "by its text (#100), once", fails: byText, times: 1, retry: true, ends: ["ended", "ready"] },
    { name: "by its text (#104), once", fails: byBootstrap, times: 1, retry: true, ends: ["ended", "ready"] },
    { name: "and not a second time", fails: byCode, times: 9, retry: true, ends: ["ended", "ended"] },
    { name: "only behind its flag", fails: byCode, times: 1, retry: false, ends: ["ended"] },
    { name: "never for a missing CLI", fails: noCli, times: 1, retry: true, ends: ["ended"] },
    { name: "never for a model", fails: noModel, times: 1, retry: true, ends: ["ended"] },
    { name: "never for a permission", fails: refused, times: 1, retry: true, ends: ["ended"] },
  ])("follows a want of trust $name", async ({ fails, times, retry, ends }) => {
    const ground = launchGround();
    const flags = { ...defaultFlags, retry };
    const end = await ground.run(teamOf(ground), { flags, scripts: { ana: { fails, times } } });
    expect(end).toMatchObject({ value: { launch: { state: ends.at(-1) } } });
    expect((await ground.kept()).ends).toEqual(ends);
    expect(await attemptsOf(ground)).toEqual(ends.map((_, at) => at + 1));
    if (ends.at(-1) === "ended" && fails === byCode)
      expect(end).toMatchObject({ value: { error: { ...byCode, title: "Workspace trust required" } } });
    // Who was ready stays what it was, and is not started again.
    expect(ground.started.filter(({ member }) => member.name === "bo")).toHaveLength(1);
  });

  test.for([
    { code: "sign-in-needed", state: "waiting" },
    { code: "no-connection", state: "waiting" },
    { code: "agent-ended", state: "ended" },
  ] as const)("never follows an agent that has ended as $code", async ({ code, state }) => {
    const ground = launchGround();
    const scripts = { ana: { becomes: ["starting", "ended"], endsAs: code } } as const;
    await ground.run(teamOf(ground), { flags: withRetry, scripts });
    expect((await ground.kept()).ends).toEqual([state]);
  });

  test.for([
    { name: "was never ready", becomes: ["starting", "ended"], ends: ["ended", "ended"] },
    { name: "was ready", becomes: ["ready", "ended"], ends: ["ended"] },
    { name: "was at work", becomes: ["working", "ended"], ends: ["ended"] },
  ] as const)("follows an agent that ended for want of trust: it $name", async ({ becomes, ends }) => {
    const ground = launchGround();
    const scripts = {
      ana: { becomes, endsAs: "workspace_trust_required" },
      bo: { becomes: ["starting", "starting", "ready"] },
    } as const;
    await ground.run(teamOf(ground), { flags: withRetry, scripts });
    expect((await ground.kept()).ends).toEqual(ends);
  });

  test("never follows a launch in which another member failed for another reason", async () => {
    const ground = launchGround();
    const scripts = { ana: { fails: byCode, times: 1 }, bo: { fails: noCli } };
    const team = ground.team(...["ana", "bo", "cy"].map((name) => ground.member(name, "trusted")));
    await ground.run(team, { flags: withRetry, scripts });
    expect((await ground.kept()).ends).toEqual(["ended"]);
  });

  test("never follows one with a folder that may not be trusted", async () => {
    const ground = launchGround();
    const team = ground.team(ground.member("ana", "trusted"), ground.member("bo", "home"));
    const scripts = { ana: { fails: byCode, times: 1 } };
    await ground.run(team, { flags: withRetry, scripts });
    expect((await ground.kept()).ends).toEqual(["blocked"]);
    expect(ground.started).toEqual([]);
  });

  test.for(["execute", "settle"] as const)("never follows one whose caller left at %s", async (leavesAt) => {
    for (const how of [{ leavesAt }, { stoppedAt: leavesAt }]) {
      const ground = launchGround();
      const scripts = { ana: { fails: byCode, times: 1 }, bo: { becomes: Array(99).fill("starting") } };
      await ground.run(teamOf(ground), { flags: withRetry, scripts, ...how, timeoutMs: 600_000 });
      expect((await ground.kept()).ends).toEqual(["cancelled"]);
      expect(await attemptsOf(ground)).toEqual([1]);
    }
  });

  test.for([
    { times: 1, second: "ready" },
    { times: 9, second: "ended" },
  ])("leaves the artifact of the first attempt, with its own error ($second)", async ({ times, second }) => {
    const ground = launchGround();
    let starts = 0;
    const start = async () => {
      starts += 1;
      if (starts <= times)
        return { ok: false as const, error: { ...byCode, message: `not trusted ${starts}` } };
      return { ok: true as const, value: { id: "bo" } };
    };
    const sight = { provider: "claude", folder: ground.at("trusted"), state: "ready" } as const;
    const list = async () => [
      { ...sight, id: "bo", member: "bo" },
      ...(starts > times ? [{ ...sight, id: "bo", member: "ana" }] : []),
    ];
    const team = ground.team(ground.member("ana", "trusted"), ground.member("bo", "trusted"));
    await ground.run(team, { flags: withRetry, runtime: { start, list } });
    const kept = (await ground.journals()).map(({ id }) => artifactFile(ground.dataDir, id));
    expect((await ground.kept()).ends).toEqual(["ended", second]);
    const errors = kept.slice(0, second === "ready" ? 1 : 2).map((file) => {
      const { launch, error } = JSON.parse(readFileSync(file, "utf8")) as LaunchArtifact;
      return [launch.attempt, error.code, error.message];
    });
    const expected = [1, 2].map((attempt) => [attempt, byCode.code, `not trusted ${attempt}`]);
    expect(errors).toEqual(expected.slice(0, errors.length));
    expect((await ground.kept()).artifacts).toBe(errors.length);
  });
});
