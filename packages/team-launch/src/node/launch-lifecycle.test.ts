import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultFlags } from "../flags.ts";
import { lastOf } from "../lifecycle/journal.ts";
import { stepNames } from "../stages/step-names.ts";
import { launchFixture } from "./launch.fixture.ts";

const noMore = { code: "spawn-failed", message: "there is no more memory" };

describe("a successful launch", () => {
  test("runs the same steps for a new team and for a known one", async () => {
    const fixture = launchFixture();
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("cy", "repo", { worktree: true }),
    );
    const first = await fixture.run(team);
    fixture.agents.length = 0;
    const second = await fixture.run(team);
    for (const end of [first, second])
      expect(end).toMatchObject({
        ok: true,
        value: { ok: true, launch: { team: "shop", state: "ready" } },
      });
    const journals = await fixture.journals();
    expect(journals.map(({ entries }) => lastOf(entries, "run")?.run.mode)).toEqual(["create", "launch"]);
    for (const { entries } of journals)
      expect(entries.flatMap((entry) => (entry.type === "step" ? [entry.step] : []))).toEqual(stepNames);
    expect(await fixture.kept()).toMatchObject({
      team,
      worktrees: ["cy"],
      artifacts: 0,
      ends: ["ready", "ready"],
    });
    expect(fixture.started.map(({ member }) => member.cwd)).toContain(
      join(fixture.dataDir, "worktrees/shop/cy"),
    );
  });

  test("reports that it prepares trust, in a state that can be cancelled, before any wait", async () => {
    const fixture = launchFixture();
    const { progress } = await fixture.run(fixture.team());
    expect(progress[0]).toMatchObject({ state: "spawning", message: "Preparing workspace trust" });
  });

  test.for([
    { becomes: ["starting", "ready"], state: "ready", exit: true },
    { becomes: ["working"], state: "ready", exit: true },
    { becomes: ["waiting"], state: "waiting", exit: false },
    { becomes: ["ended"], state: "ended", exit: false },
    { becomes: ["starting"], state: "starting", exit: false },
  ] as const)("is $state when an agent becomes $becomes", async ({ becomes, state, exit }) => {
    const fixture = launchFixture();
    const end = await fixture.run(fixture.team(), { scripts: { ana: { becomes } } });
    expect(end).toMatchObject({ ok: true, value: { ok: exit, launch: { state } } });
    expect(await fixture.kept()).toMatchObject({ artifacts: state === "ended" ? 1 : 0, ends: [state] });
  });

  test.for([
    {
      endsAs: "no-connection",
      state: "waiting",
      fix: { fix: expect.stringContaining("HTTPS_PROXY") as unknown },
    },
    {
      endsAs: "sign-in-needed",
      state: "waiting",
      fix: { fix: expect.stringContaining("sign in") as unknown },
    },
    { endsAs: "unknown-dialog", state: "ended", fix: {} },
  ] as const)(
    "is $state with the reason when an agent has ended as $endsAs",
    async ({ endsAs, state, fix }) => {
      const fixture = launchFixture();
      const scripts = { ana: { becomes: ["ended"], endsAs } } as const;
      const end = await fixture.run(fixture.team(), { scripts });
      const error = { code: endsAs, message: "It has ended with 1.", ...fix };
      expect(end).toMatchObject({
        value: { ok: false, launch: { state }, members: [{ state: "ended", code: endsAs }], error },
      });
      const [journal] = await fixture.journals();
      expect(lastOf(journal?.entries ?? [], "ended")).toMatchObject({ state, error });
    },
  );

  test("waits until every agent is ready, in spite of questions, with untilReady", async () => {
    const fixture = launchFixture();
    const scripts = { ana: { becomes: ["waiting", "waiting", "ready"] } } as const;
    const end = await fixture.run(fixture.team(), { scripts, untilReady: true });
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
  });

  test("keeps a running agent, and starts the others", async () => {
    const fixture = launchFixture();
    const ana = fixture.member("ana", "trusted");
    await fixture.run(fixture.team(ana));
    const end = await fixture.run(fixture.team(ana, fixture.member("bo", "repo")));
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(fixture.started.map(({ member }) => member.name)).toEqual(["ana", "bo"]);
  });
});

describe("a launch", () => {
  const off = { ...defaultFlags, preflight: false };

  test.for([
    {
      name: "no folder for a team of OpenCode only",
      provider: "opencode",
      flags: defaultFlags,
      isAsked: false,
    },
    { name: "no folder with the flag off", provider: "claude", flags: off, isAsked: false },
    { name: "each folder of a mixed team", provider: "claude", flags: defaultFlags, isAsked: true },
  ] as const)("asks preflight about $name", async ({ provider, flags, isAsked }) => {
    const fixture = launchFixture();
    const lead = fixture.member("ana", "trusted", { provider });
    const team = fixture.team(
      lead,
      ...(isAsked ? [fixture.member("op", "repo", { provider: "opencode" })] : []),
    );
    const end = await fixture.run(team, { flags });
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    const [journal] = await fixture.journals();
    const trust = lastOf(journal?.entries ?? [], "trust")?.preflight;
    expect(trust?.strategyResults.map((result) => result.provider).sort()).toEqual(
      isAsked ? ["claude", "opencode"] : undefined,
    );
  });
});

describe("a launch that is refused", () => {
  test.for([{ isKnown: false }, { isKnown: true }])(
    "starts no agent and restores everything (known team: $isKnown)",
    async ({ isKnown }) => {
      const fixture = launchFixture();
      const [ana, cy] = [fixture.member("ana", "trusted"), fixture.member("cy", "repo", { worktree: true })];
      if (isKnown) await fixture.run(fixture.team(ana));
      const before = await fixture.kept();
      const spawned = fixture.started.length;
      const end = await fixture.run(fixture.team(ana, cy, fixture.member("bo", "home")));
      expect(end).toMatchObject({
        ok: true,
        value: {
          ok: false,
          launch: { state: "blocked" },
          error: { code: "home-not-persistable" },
          members: [
            { member: "ana", state: "blocked" },
            { member: "cy", state: "blocked" },
            { member: "bo", state: "blocked", code: "home-not-persistable", fix: expect.any(String) },
          ],
        },
      });
      expect(fixture.started).toHaveLength(spawned);
      const { team, snapshot, worktrees, branches } = before;
      const after = await fixture.kept();
      expect(after).toMatchObject({ team, snapshot, worktrees, branches, artifacts: 1 });
      expect(after.ends.at(-1)).toBe("blocked");
    },
  );

  test("writes one redacted artifact with the preflight's facts before its end is recorded", async () => {
    const fixture = launchFixture();
    await fixture.run(fixture.team(fixture.member("bo", "home")));
    const [journal] = await fixture.journals();
    const types = journal?.entries.map(({ type }) => type) ?? [];
    expect(types.indexOf("trust")).toBeLessThan(types.indexOf("ended"));
    const artifact = execFileSync("sh", ["-c", `cat ${fixture.dataDir}/launches/artifacts/*`], {
      encoding: "utf8",
    });
    expect(artifact).not.toContain(fixture.home);
    expect(JSON.parse(artifact)).toMatchObject({
      version: 1,
      state: "blocked",
      flags: {
        workspaceTrustPreflight: {
          attempt: 1,
          featureFlags: defaultFlags,
          strategyResults: [{ provider: "claude", status: "home-not-persistable", rawTailIncluded: false }],
        },
      },
    });
  });

  test.for([
    { name: "a folder without a repository", folder: "trusted", code: "worktree-impossible" },
    { name: "a missing folder", folder: "nowhere", code: "worktree-impossible" },
  ])("names a member whose worktree is impossible because of $name", async ({ folder, code }) => {
    const fixture = launchFixture();
    const end = await fixture.run(fixture.team(fixture.member("cy", folder, { worktree: true })));
    expect(end).toMatchObject({
      value: { launch: { state: "blocked" }, members: [{ state: "blocked", code }] },
    });
  });

  test("undoes its changes if no agent could be started, and keeps them if one was", async () => {
    const fixture = launchFixture();
    const [ana, cy] = [fixture.member("ana", "trusted"), fixture.member("cy", "repo", { worktree: true })];
    const none = await fixture.run(fixture.team(ana, cy), {
      scripts: { ana: { fails: noMore }, cy: { fails: noMore } },
    });
    expect(none).toMatchObject({ value: { launch: { state: "blocked" }, error: noMore } });
    expect(await fixture.kept()).toMatchObject({ team: null, snapshot: null, worktrees: [], branches: "" });
    const one = await fixture.run(fixture.team(ana, cy), { scripts: { ana: { fails: noMore } } });
    expect(one).toMatchObject({
      value: { launch: { state: "ended" }, members: [noMore, { state: "ready" }] },
    });
    expect(await fixture.kept()).toMatchObject({ team: { name: "shop" }, worktrees: ["cy"] });
  });

  test("continues with a warning when a CLI is missing, and the runtime's own gate decides", async () => {
    const fixture = launchFixture();
    const end = await fixture.run(fixture.team(fixture.member("ana", "fresh")));
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    const [journal] = await fixture.journals();
    expect(journal?.entries).toContainEqual(
      expect.objectContaining({ type: "warning", code: "cli-not-found" }),
    );
  });

  test("refuses a member that runs in another folder, and names it", async () => {
    const fixture = launchFixture();
    await fixture.run(fixture.team(fixture.member("ana", "trusted")));
    const end = await fixture.run(fixture.team(fixture.member("ana", "repo")));
    expect(end).toMatchObject({
      value: { launch: { state: "blocked" }, error: { code: "member-runs-elsewhere" } },
    });
  });
});

describe("a launch whose caller cancels", () => {
  const beforeAgents = stepNames.slice(stepNames.indexOf("run") + 1, stepNames.indexOf("settle"));

  test.for(beforeAgents.flatMap((step) => [true, false].map((isKnown) => ({ step, isKnown }))))(
    "removes no snapshot, starts nothing and is undone once if it is cancelled at $step (known team: $isKnown)",
    async ({ step, isKnown }) => {
      const fixture = launchFixture();
      const ana = fixture.member("ana", "trusted");
      if (isKnown) await fixture.run(fixture.team(ana));
      fixture.agents.length = 0;
      const before = await fixture.kept();
      const spawned = fixture.started.length;
      const more = fixture.team(ana, fixture.member("cy", "repo", { worktree: true }));
      const end = await fixture.run(more, { leavesAt: step });
      expect(end).toMatchObject({
        ok: true,
        value: { launch: { state: "cancelled" }, error: { code: "cancelled" } },
      });
      expect(fixture.started).toHaveLength(spawned);
      const { team, snapshot, worktrees, branches } = before;
      const after = await fixture.kept();
      expect(after).toMatchObject({ team, snapshot, worktrees, branches, artifacts: 0 });
      const [journal] = (await fixture.journals()).slice(-1);
      expect(journal?.entries.filter(({ type }) => type === "undone").length).toBeLessThanOrEqual(1);
    },
  );

  test("keeps its agents running if it is cancelled while they start, and reports that", async () => {
    const fixture = launchFixture();
    const end = await fixture.run(fixture.team(), {
      leavesAt: "settle",
      scripts: { ana: { becomes: ["starting"] } },
    });
    expect(end).toMatchObject({
      value: { ok: false, launch: { state: "cancelled" }, error: { fix: expect.any(String) } },
    });
    expect(await fixture.kept()).toMatchObject({ team: { name: "shop" }, snapshot: { state: "cancelled" } });
  });
});

test("a launch removes the team's oldest journals and artifacts, and none of another team", async () => {
  const fixture = launchFixture();
  const [old, team] = [fixture.team(), fixture.team()];
  await fixture.run({ ...old, name: "other" }, { scripts: { ana: { fails: noMore } } });
  const folder = join(fixture.dataDir, "launches");
  const run = (id: string) => ({ id, team: "shop", mode: "launch", attempt: 1, members: [] });
  const ids = Array.from({ length: 60 }, (_, index) => `20260101-000000-${String(index).padStart(4, "0")}`);
  for (const id of ids) {
    const entries = [
      { type: "run", run: run(id), at: "2026-01-01T00:00:00.000Z" },
      { type: "ended", state: "blocked", at: "2026-01-01T00:00:00.000Z" },
    ];
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    writeFileSync(join(folder, `journals/${id}.jsonl`), text);
    writeFileSync(join(folder, `artifacts/${id}.json`), "{}");
  }
  writeFileSync(join(folder, "history/shop.txt"), ids.map((id) => `${id}\n`).join(""));
  await fixture.run(team);
  const left = (await fixture.journals()).map(({ entries }) => lastOf(entries, "run")?.run);
  expect(left.filter((it) => it?.team === "shop").map((it) => it?.id)).toEqual([
    ...ids.slice(-49),
    expect.stringMatching(/^20261121-/),
  ]);
  expect(left.filter((it) => it?.team === "other")).toHaveLength(1);
  expect((await fixture.kept()).artifacts).toBe(49 + 1);
});

describe("a worktree that a launch removes", () => {
  test("stays if it contains other work", async () => {
    const fixture = launchFixture();
    const path = join(fixture.dataDir, "worktrees/shop/cy");
    const scripts = { cy: { fails: noMore } };
    const team = fixture.team(fixture.member("cy", "repo", { worktree: true }));
    await fixture.run(team, { scripts, leavesAt: "execute" });
    expect((await fixture.kept()).worktrees).toEqual([]);
    fixture.git("worktree", "add", "--quiet", "-b", "gatehouse/shop/cy", path);
    writeFileSync(join(path, "work.txt"), "of a person");
    await fixture.run(team, { scripts });
    expect((await fixture.kept()).worktrees).toEqual(["cy"]);
  });
});
