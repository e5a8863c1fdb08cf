import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultFlags } from "../flags.ts";
import { lastOf } from "../lifecycle/journal.ts";
import { stepNames } from "../stages/step-names.ts";
import { launchGround } from "./launch-ground.fixture.ts";

const noMore = { code: "spawn-failed", message: "there is no more memory" };

describe("a launch that goes well", () => {
  test("is one path of all steps, for a new team and for a known one", async () => {
    const ground = launchGround();
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("cy", "repo", { worktree: true }),
    );
    const first = await ground.run(team);
    ground.agents.length = 0;
    const second = await ground.run(team);
    for (const end of [first, second])
      expect(end).toMatchObject({ ok: true, value: { ok: true, launch: { team: "shop", state: "ready" } } });
    const journals = await ground.journals();
    expect(journals.map(({ entries }) => lastOf(entries, "run")?.run.mode)).toEqual(["create", "launch"]);
    for (const { entries } of journals)
      expect(entries.flatMap((entry) => (entry.type === "step" ? [entry.step] : []))).toEqual(stepNames);
    expect(await ground.kept()).toMatchObject({
      team,
      worktrees: ["cy"],
      artifacts: 0,
      ends: ["ready", "ready"],
    });
    expect(ground.started.map(({ member }) => member.cwd)).toContain(
      join(ground.dataDir, "worktrees/shop/cy"),
    );
  });

  test("says that it prepares trust, in a state that can be cancelled, before it waits for anything", async () => {
    const ground = launchGround();
    const { progress } = await ground.run(ground.team());
    expect(progress[0]).toMatchObject({ state: "spawning", message: "Preparing workspace trust" });
  });

  test.for([
    { becomes: ["starting", "ready"], state: "ready", exit: true },
    { becomes: ["working"], state: "ready", exit: true },
    { becomes: ["waiting"], state: "waiting", exit: false },
    { becomes: ["ended"], state: "ended", exit: false },
    { becomes: ["starting"], state: "starting", exit: false },
  ] as const)("is $state when an agent becomes $becomes", async ({ becomes, state, exit }) => {
    const ground = launchGround();
    const end = await ground.run(ground.team(), { scripts: { ana: { becomes } } });
    expect(end).toMatchObject({ ok: true, value: { ok: exit, launch: { state } } });
    expect(await ground.kept()).toMatchObject({ artifacts: state === "ended" ? 1 : 0, ends: [state] });
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
    "is $state when an agent has ended as $endsAs, and says why",
    async ({ endsAs, state, fix }) => {
      const ground = launchGround();
      const scripts = { ana: { becomes: ["ended"], endsAs } } as const;
      const end = await ground.run(ground.team(), { scripts });
      const error = { code: endsAs, message: "It has ended with 1.", ...fix };
      expect(end).toMatchObject({
        value: { ok: false, launch: { state }, members: [{ state: "ended", code: endsAs }], error },
      });
      const [journal] = await ground.journals();
      expect(lastOf(journal?.entries ?? [], "ended")).toMatchObject({ state, error });
    },
  );

  test("waits past questions until every agent is ready, if it is told to", async () => {
    const ground = launchGround();
    const scripts = { ana: { becomes: ["waiting", "waiting", "ready"] } } as const;
    const end = await ground.run(ground.team(), { scripts, untilReady: true });
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
  });

  test("keeps an agent that runs already, and starts the others", async () => {
    const ground = launchGround();
    const ana = ground.member("ana", "trusted");
    await ground.run(ground.team(ana));
    const end = await ground.run(ground.team(ana, ground.member("bo", "repo")));
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(ground.started.map(({ member }) => member.name)).toEqual(["ana", "bo"]);
  });
});

describe("what a launch asks preflight for", () => {
  const off = { ...defaultFlags, preflight: false };

  test.for([
    {
      name: "nothing for a team of OpenCode alone",
      provider: "opencode",
      flags: defaultFlags,
      isAsked: false,
    },
    { name: "nothing with the flag off", provider: "claude", flags: off, isAsked: false },
    { name: "each folder of a mixed team", provider: "claude", flags: defaultFlags, isAsked: true },
  ] as const)("$name", async ({ provider, flags, isAsked }) => {
    const ground = launchGround();
    const lead = ground.member("ana", "trusted", { provider });
    const team = ground.team(
      lead,
      ...(isAsked ? [ground.member("op", "repo", { provider: "opencode" })] : []),
    );
    const end = await ground.run(team, { flags });
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    const [journal] = await ground.journals();
    const trust = lastOf(journal?.entries ?? [], "trust")?.preflight;
    expect(trust?.strategyResults.map((result) => result.provider).sort()).toEqual(
      isAsked ? ["claude", "opencode"] : undefined,
    );
  });
});

describe("a launch that is refused", () => {
  test.for([{ isKnown: false }, { isKnown: true }])(
    "spawns nothing, and leaves all as it was (known team: $isKnown)",
    async ({ isKnown }) => {
      const ground = launchGround();
      const [ana, cy] = [ground.member("ana", "trusted"), ground.member("cy", "repo", { worktree: true })];
      if (isKnown) await ground.run(ground.team(ana));
      const before = await ground.kept();
      const spawned = ground.started.length;
      const end = await ground.run(ground.team(ana, cy, ground.member("bo", "home")));
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
      expect(ground.started).toHaveLength(spawned);
      const { team, snapshot, worktrees, branches } = before;
      const after = await ground.kept();
      expect(after).toMatchObject({ team, snapshot, worktrees, branches, artifacts: 1 });
      expect(after.ends.at(-1)).toBe("blocked");
    },
  );

  test("keeps one artifact with the preflight's facts, redacted, written before its end is noted", async () => {
    const ground = launchGround();
    await ground.run(ground.team(ground.member("bo", "home")));
    const [journal] = await ground.journals();
    const types = journal?.entries.map(({ type }) => type) ?? [];
    expect(types.indexOf("trust")).toBeLessThan(types.indexOf("ended"));
    const artifact = execFileSync("sh", ["-c", `cat ${ground.dataDir}/launches/artifacts/*`], {
      encoding: "utf8",
    });
    expect(artifact).not.toContain(ground.home);
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
    { name: "no repository", folder: "trusted", code: "worktree-impossible" },
    { name: "a folder that is not there", folder: "nowhere", code: "worktree-impossible" },
  ])("names a worktree of $name", async ({ folder, code }) => {
    const ground = launchGround();
    const end = await ground.run(ground.team(ground.member("cy", folder, { worktree: true })));
    expect(end).toMatchObject({
      value: { launch: { state: "blocked" }, members: [{ state: "blocked", code }] },
    });
  });

  test("takes everything back if no agent could be started, and keeps it if one was", async () => {
    const ground = launchGround();
    const [ana, cy] = [ground.member("ana", "trusted"), ground.member("cy", "repo", { worktree: true })];
    const none = await ground.run(ground.team(ana, cy), {
      scripts: { ana: { fails: noMore }, cy: { fails: noMore } },
    });
    expect(none).toMatchObject({ value: { launch: { state: "blocked" }, error: noMore } });
    expect(await ground.kept()).toMatchObject({ team: null, snapshot: null, worktrees: [], branches: "" });
    const one = await ground.run(ground.team(ana, cy), { scripts: { ana: { fails: noMore } } });
    expect(one).toMatchObject({
      value: { launch: { state: "ended" }, members: [noMore, { state: "ready" }] },
    });
    expect(await ground.kept()).toMatchObject({ team: { name: "shop" }, worktrees: ["cy"] });
  });

  test("goes on when a CLI is missing: what it could not do is a warning, and the runtime's own gate decides", async () => {
    const ground = launchGround();
    const end = await ground.run(ground.team(ground.member("ana", "fresh")));
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    const [journal] = await ground.journals();
    expect(journal?.entries).toContainEqual(
      expect.objectContaining({ type: "warning", code: "cli-not-found" }),
    );
  });

  test("refuses a member that runs elsewhere, and names it", async () => {
    const ground = launchGround();
    await ground.run(ground.team(ground.member("ana", "trusted")));
    const end = await ground.run(ground.team(ground.member("ana", "repo")));
    expect(end).toMatchObject({
      value: { launch: { state: "blocked" }, error: { code: "member-runs-elsewhere" } },
    });
  });
});

describe("a launch whose caller leaves", () => {
  const beforeAgents = stepNames.slice(stepNames.indexOf("run") + 1, stepNames.indexOf("settle"));

  test.for(beforeAgents.flatMap((step) => [true, false].map((isKnown) => ({ step, isKnown }))))(
    "at $step neither clears nor spawns, and restores once (known team: $isKnown)",
    async ({ step, isKnown }) => {
      const ground = launchGround();
      const ana = ground.member("ana", "trusted");
      if (isKnown) await ground.run(ground.team(ana));
      ground.agents.length = 0;
      const before = await ground.kept();
      const spawned = ground.started.length;
      const more = ground.team(ana, ground.member("cy", "repo", { worktree: true }));
      const end = await ground.run(more, { leavesAt: step });
      expect(end).toMatchObject({
        ok: true,
        value: { launch: { state: "cancelled" }, error: { code: "cancelled" } },
      });
      expect(ground.started).toHaveLength(spawned);
      const { team, snapshot, worktrees, branches } = before;
      const after = await ground.kept();
      expect(after).toMatchObject({ team, snapshot, worktrees, branches, artifacts: 0 });
      const [journal] = (await ground.journals()).slice(-1);
      expect(journal?.entries.filter(({ type }) => type === "undone").length).toBeLessThanOrEqual(1);
    },
  );

  test("while the agents start leaves them running, and says so", async () => {
    const ground = launchGround();
    const end = await ground.run(ground.team(), {
      leavesAt: "settle",
      scripts: { ana: { becomes: ["starting"] } },
    });
    expect(end).toMatchObject({
      value: { ok: false, launch: { state: "cancelled" }, error: { fix: expect.any(String) } },
    });
    expect(await ground.kept()).toMatchObject({ team: { name: "shop" }, snapshot: { state: "cancelled" } });
  });
});

test("a launch of a team that was launched often removes the oldest journals and artifacts, and nothing of another team", async () => {
  const ground = launchGround();
  const [old, team] = [ground.team(), ground.team()];
  await ground.run({ ...old, name: "other" }, { scripts: { ana: { fails: noMore } } });
  const folder = join(ground.dataDir, "launches");
  const run = (id: string) => ({ ...{ id, team: "shop", mode: "launch", attempt: 1 }, members: [] });
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
  await ground.run(team);
  const left = (await ground.journals()).map(({ entries }) => lastOf(entries, "run")?.run);
  expect(left.filter((it) => it?.team === "shop").map((it) => it?.id)).toEqual([
    ...ids.slice(-49),
    expect.stringMatching(/^20261121-/),
  ]);
  expect(left.filter((it) => it?.team === "other")).toHaveLength(1);
  expect((await ground.kept()).artifacts).toBe(49 + 1);
});

describe("a worktree that a launch takes back", () => {
  test("stays if somebody wrote into it meanwhile", async () => {
    const ground = launchGround();
    const path = join(ground.dataDir, "worktrees/shop/cy");
    const scripts = { cy: { fails: noMore } };
    const team = ground.team(ground.member("cy", "repo", { worktree: true }));
    await ground.run(team, { scripts, leavesAt: "execute" });
    expect((await ground.kept()).worktrees).toEqual([]);
    ground.git("worktree", "add", "--quiet", "-b", "gatehouse/shop/cy", path);
    writeFileSync(join(path, "work.txt"), "of a person");
    await ground.run(team, { scripts });
    expect((await ground.kept()).worktrees).toEqual(["cy"]);
  });
});
