import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import { defaultFlags } from "../flags.ts";
import { lastOf } from "../lifecycle/journal.ts";
import { launchFixture, type LaunchFixture } from "./launch.fixture.ts";
import { artifactFile } from "./store/read-journals.ts";

const headless = `Teammate "ana" cannot start in headless process runtime because workspace trust is not accepted for "/a".`;
const bootstrap = "bootstrap failed: workspace trust is not accepted";
const byCode = { code: "workspace_trust_required", message: "it is not trusted" };
const byText = { code: "holder-failed", message: headless };
const byBootstrap = { code: "holder-failed", message: bootstrap };
const noCli = { code: "cli-not-found", message: "there is no claude" };
const noModel = { code: "holder-failed", message: "There's an issue with the selected model (opus-9)." };
const refused = { code: "spawn-failed", message: "EACCES: permission denied" };

const attemptsOf = async (fixture: LaunchFixture) =>
  (await fixture.journals()).map(({ entries }) => lastOf(entries, "run")?.run.attempt);

const withRetry = { ...defaultFlags, retry: true };
/** The member bo is ready at once. */
const teamOf = (fixture: LaunchFixture) =>
  fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "repo"));

describe("the retry of a launch", () => {
  test.for([
    {
      name: "once if an event says that trust was missing",
      fails: byCode,
      times: 1,
      retry: true,
      ends: ["ended", "ready"],
    },
    {
      name: "once if the text of #100 says that trust was missing",
      fails: byText,
      times: 1,
      retry: true,
      ends: ["ended", "ready"],
    },
    {
      name: "once if the text of #104 says that trust was missing",
      fails: byBootstrap,
      times: 1,
      retry: true,
      ends: ["ended", "ready"],
    },
    {
      name: "only once if trust stays missing",
      fails: byCode,
      times: 9,
      retry: true,
      ends: ["ended", "ended"],
    },
    { name: "only with its flag on", fails: byCode, times: 1, retry: false, ends: ["ended"] },
    { name: "never if a CLI was missing", fails: noCli, times: 1, retry: true, ends: ["ended"] },
    { name: "never if a model was missing", fails: noModel, times: 1, retry: true, ends: ["ended"] },
    { name: "never if a permission was refused", fails: refused, times: 1, retry: true, ends: ["ended"] },
  ])("is made $name", async ({ fails, times, retry, ends }) => {
    const fixture = launchFixture();
    const flags = { ...defaultFlags, retry };
    const end = await fixture.run(teamOf(fixture), { flags, scripts: { ana: { fails, times } } });
    expect(end).toMatchObject({ value: { launch: { state: ends.at(-1) } } });
    expect((await fixture.kept()).ends).toEqual(ends);
    expect(await attemptsOf(fixture)).toEqual(ends.map((_, at) => at + 1));
    if (ends.at(-1) === "ended" && fails === byCode)
      expect(end).toMatchObject({ value: { error: { ...byCode, title: "Workspace trust required" } } });
    // A ready member keeps running and is not started again.
    expect(fixture.started.filter(({ member }) => member.name === "bo")).toHaveLength(1);
  });

  test.for([
    { code: "sign-in-needed", state: "waiting" },
    { code: "no-connection", state: "waiting" },
    { code: "agent-ended", state: "ended" },
  ] as const)("does not follow an agent that has ended as $code", async ({ code, state }) => {
    const fixture = launchFixture();
    const scripts = { ana: { becomes: ["starting", "ended"], endsAs: code } } as const;
    await fixture.run(teamOf(fixture), { flags: withRetry, scripts });
    expect((await fixture.kept()).ends).toEqual([state]);
  });

  test.for([
    { name: "was never ready", becomes: ["starting", "ended"], ends: ["ended", "ended"] },
    { name: "was ready", becomes: ["ready", "ended"], ends: ["ended"] },
    { name: "was at work", becomes: ["working", "ended"], ends: ["ended"] },
  ] as const)(
    "follows an agent that ended without trust only if it was never ready: the agent $name",
    async ({ becomes, ends }) => {
      const fixture = launchFixture();
      const scripts = {
        ana: { becomes, endsAs: "workspace_trust_required" },
        bo: { becomes: ["starting", "starting", "ready"] },
      } as const;
      await fixture.run(teamOf(fixture), { flags: withRetry, scripts });
      expect((await fixture.kept()).ends).toEqual(ends);
    },
  );

  test("does not follow a launch in which another member failed for another reason", async () => {
    const fixture = launchFixture();
    const scripts = { ana: { fails: byCode, times: 1 }, bo: { fails: noCli } };
    const team = fixture.team(...["ana", "bo", "cy"].map((name) => fixture.member(name, "trusted")));
    await fixture.run(team, { flags: withRetry, scripts });
    expect((await fixture.kept()).ends).toEqual(["ended"]);
  });

  test("does not follow a launch with a folder that may not be trusted", async () => {
    const fixture = launchFixture();
    const team = fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "home"));
    const scripts = { ana: { fails: byCode, times: 1 } };
    await fixture.run(team, { flags: withRetry, scripts });
    expect((await fixture.kept()).ends).toEqual(["blocked"]);
    expect(fixture.started).toEqual([]);
  });

  test.for(["execute", "settle"] as const)(
    "does not follow a launch that was cancelled or stopped at %s",
    async (leavesAt) => {
      for (const how of [{ leavesAt }, { stoppedAt: leavesAt }]) {
        const fixture = launchFixture();
        const scripts = { ana: { fails: byCode, times: 1 }, bo: { becomes: Array(99).fill("starting") } };
        await fixture.run(teamOf(fixture), { flags: withRetry, scripts, ...how, timeoutMs: 600_000 });
        expect((await fixture.kept()).ends).toEqual(["cancelled"]);
        expect(await attemptsOf(fixture)).toEqual([1]);
      }
    },
  );

  test.for([
    { times: 1, second: "ready" },
    { times: 9, second: "ended" },
  ])("keeps the artifact of the first attempt with its own error ($second)", async ({ times, second }) => {
    const fixture = launchFixture();
    let starts = 0;
    const start = async () => {
      starts += 1;
      if (starts <= times)
        return { ok: false as const, error: { ...byCode, message: `not trusted ${starts}` } };
      return { ok: true as const, value: { id: "bo" } };
    };
    const sight = { provider: "claude", folder: fixture.at("trusted"), state: "ready" } as const;
    const list = async () => [
      { ...sight, id: "bo", member: "bo" },
      ...(starts > times ? [{ ...sight, id: "bo", member: "ana" }] : []),
    ];
    const team = fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "trusted"));
    await fixture.run(team, { flags: withRetry, runtime: { start, list } });
    const kept = (await fixture.journals()).map(({ id }) => artifactFile(fixture.dataDir, id));
    expect((await fixture.kept()).ends).toEqual(["ended", second]);
    const errors = kept.slice(0, second === "ready" ? 1 : 2).map((file) => {
      const { launch, error } = JSON.parse(readFileSync(file, "utf8")) as LaunchArtifact;
      return [launch.attempt, error.code, error.message];
    });
    const expected = [1, 2].map((attempt) => [attempt, byCode.code, `not trusted ${attempt}`]);
    expect(errors).toEqual(expected.slice(0, errors.length));
    expect((await fixture.kept()).artifacts).toBe(errors.length);
  });
});
