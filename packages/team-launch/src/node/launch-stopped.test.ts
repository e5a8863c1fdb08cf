import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { thisProcess } from "@gatehouse/processes";
import { describe, expect, test } from "vitest";
import { defaultFlags } from "../flags.ts";
import { stepNames } from "../stages/step-names.ts";
import { launchGround } from "./launch-ground.fixture.ts";
import { launchingTeams, stopLaunch } from "./store/stop-launch.ts";

const prepared = stepNames.slice(stepNames.indexOf("run"), stepNames.indexOf("spawn"));

describe("a launch that is stopped from elsewhere", () => {
  test.for(prepared.flatMap((step) => [true, false].map((isKnown) => ({ step, isKnown }))))(
    "at $step neither clears nor spawns, and restores once (known team: $isKnown)",
    async ({ step, isKnown }) => {
      const ground = launchGround();
      const ana = ground.member("ana", "trusted");
      if (isKnown) await ground.run(ground.team(ana));
      ground.agents.length = 0;
      const { team, snapshot, worktrees, branches } = await ground.kept();
      const spawned = ground.started.length;
      const more = ground.team(ana, ground.member("cy", "repo", { worktree: true }));
      const end = await ground.run(more, { stoppedAt: step });
      const message = expect.stringContaining("stopped before its first agent") as string;
      expect(end).toMatchObject({
        value: { ok: false, launch: { state: "cancelled" }, error: { code: "cancelled", message } },
      });
      expect(end.progress.at(-1)).toMatchObject({ state: "cancelled" });
      expect(ground.started).toHaveLength(spawned);
      const after = await ground.kept();
      expect(after).toMatchObject({ team, snapshot, worktrees, branches, artifacts: 0 });
      const [journal] = (await ground.journals()).slice(-1);
      expect(journal?.entries.filter(({ type }) => type === "undone").length).toBeLessThanOrEqual(1);
      expect(journal?.entries.map(({ type }) => type)).not.toContain("spawning");
    },
  );

  test("while its agents start keeps them, starts no more, and does not say that they live on", async () => {
    const ground = launchGround();
    const names = ["ana", "bo", "cy", "di", "ed", "fay", "gus", "hal"];
    const started: string[] = [];
    const start = async (
      { member: { name, provider, cwd } }: { readonly member: (typeof ground.started)[number]["member"] },
      signal?: AbortSignal,
    ) => {
      // Those that are being started hear of it.
      if (started.length > 0) for (let at = 0; at < 300 && signal?.aborted === false; at += 1) await turn();
      started.push(name);
      ground.agents.push({ id: name, member: name, provider, folder: cwd, state: "starting" });
      return { ok: true as const, value: { id: name } };
    };
    const list = async () => ground.agents;
    const team = ground.team(...names.map((name) => ground.member(name, "trusted")));
    const end = await ground.run(team, { stoppedAt: "spawning", runtime: { start, list } });
    expect(end).toMatchObject({ value: { launch: { state: "cancelled" }, error: { code: "cancelled" } } });
    expect(end.ok && end.value.error?.message).not.toContain("live on");
    expect(started.length).toBeLessThan(names.length);
    expect(await ground.kept()).toMatchObject({ team: { name: "shop" }, ends: ["cancelled"], artifacts: 0 });
  });

  test.for([true, false])("is found by who stops it, who waits for its end (lock: %s)", async (fileLock) => {
    const ground = launchGround();
    const { signal } = new AbortController();
    const stopping: ReturnType<typeof stopLaunch>[] = [];
    const seen: (readonly string[])[] = [];
    const checkProvider = async () => {
      seen.push(await launchingTeams(ground.dataDir));
      return null;
    };
    const start = async () => {
      seen.push(await launchingTeams(ground.dataDir));
      stopping.push(stopLaunch(ground.dataDir, "shop", { timeoutMs: 10_000, signal }));
      ground.agents.push({
        ...{ id: "a", member: "ana", provider: "claude", folder: ground.at("trusted"), state: "starting" },
      });
      return { ok: true as const, value: { id: "a" } };
    };
    const list = async () => (await turn(), ground.agents);
    const flags = { ...defaultFlags, fileLock };
    const end = await ground.run(ground.team(), {
      ...{ flags, timeoutMs: 600_000, runtime: { start, list, checkProvider } },
    });
    expect(seen).toEqual([["shop"], ["shop"]]);
    const launch = end.ok ? end.value.launch.id : "";
    expect(await stopping[0]).toEqual({ ok: true, value: { launch, state: "cancelled" } });
    expect(await launchingTeams(ground.dataDir)).toEqual([]);
  });

  test.for([true, false])(
    "is found while it plans, and ends before it began (lock: %s)",
    async (fileLock) => {
      const ground = launchGround();
      const { signal } = new AbortController();
      const stopping: ReturnType<typeof stopLaunch>[] = [];
      let hasPlanned = false;
      const heard: boolean[] = [];
      const checkProvider = async () => {
        const stopped = stopLaunch(ground.dataDir, "shop", { timeoutMs: 10_000, signal });
        stopping.push(stopped.finally(() => void heard.push(hasPlanned)));
        for (let turns = 0; turns < 300; turns += 1) await turn();
        hasPlanned = true;
        return null;
      };
      const flags = { ...defaultFlags, fileLock };
      const end = await ground.run(ground.team(), { flags, runtime: { checkProvider } });
      expect(end).toMatchObject({ ok: false, error: { code: "cancelled" } });
      expect(await stopping[0]).toEqual({ ok: true, value: { launch: null, state: null } });
      expect(heard).toEqual([true]);
      expect(ground.started).toEqual([]);
      expect(await launchingTeams(ground.dataDir)).toEqual([]);
    },
  );

  test("without a lock is not looked for where its launcher was killed while it planned", async () => {
    const ground = launchGround();
    const killed = spawnSync(process.execPath, ["-e", "0"]);
    const locks = join(ground.dataDir, "launches/locks");
    mkdirSync(locks, { recursive: true });
    const sign = join(locks, `shop.lock.${randomUUID()}.launcher`);
    writeFileSync(sign, JSON.stringify({ ...thisProcess(), pid: killed.pid }));
    expect(await launchingTeams(ground.dataDir)).toEqual([]);
    await ground.run(ground.team(), { flags: { ...defaultFlags, fileLock: false } });
    expect(readdirSync(locks)).toEqual([]);
  });

  test("is not the next one, and a stop of a team that nobody launches ends at once", async () => {
    const ground = launchGround();
    const { signal } = new AbortController();
    await ground.run(ground.team());
    const stopped = await stopLaunch(ground.dataDir, "shop", { timeoutMs: 0, signal });
    expect(stopped).toEqual({ ok: true, value: { launch: null, state: null } });
    const marks = join(ground.dataDir, "launches/stops");
    expect(readdirSync(marks)).toEqual(["shop.txt"]);
    expect(statSync(join(marks, "shop.txt")).mode & 0o777).toBe(0o600);
    expect(await ground.run(ground.team())).toMatchObject({ value: { launch: { state: "ready" } } });
  });

  test("whose launcher hangs is told of in time", async () => {
    const ground = launchGround();
    const { signal } = new AbortController();
    let stopped: unknown;
    const checkProvider = async () => {
      stopped = await stopLaunch(ground.dataDir, "shop", { timeoutMs: 60, signal });
      return null;
    };
    await ground.run(ground.team(), { runtime: { checkProvider } });
    expect(stopped).toMatchObject({ ok: false, error: { code: "still-launching", fix: expect.any(String) } });
  });

  test("takes those with it that wait for its lock: none of them starts anything afterwards", async () => {
    const ground = launchGround();
    const { signal } = new AbortController();
    const others: ReturnType<typeof ground.run>[] = [];
    const checkProvider = async () => {
      others.push(ground.run(ground.team(), { timeoutMs: 60_000 }));
      // By then it waits: it has read the mark that it compares with.
      for (let turns = 0; turns < 100; turns += 1) await turn();
      void stopLaunch(ground.dataDir, "shop", { timeoutMs: 10_000, signal });
      for (let turns = 0; turns < 300; turns += 1) await turn();
      return null;
    };
    const first = await ground.run(ground.team(), { runtime: { checkProvider } });
    for (const end of [first, await others[0]])
      expect(end).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(ground.started).toEqual([]);
  });

  test("that cannot be told to is an error, and no exception: its agents are there to be ended", async () => {
    const ground = launchGround();
    await ground.run(ground.team());
    mkdirSync(join(ground.dataDir, "launches/stops/shop.txt"));
    const { signal } = new AbortController();
    expect(await stopLaunch(ground.dataDir, "shop", { timeoutMs: 60, signal })).toMatchObject({
      ...{ ok: false, error: { code: "data-folder-unusable", message: expect.stringContaining("EISDIR") } },
    });
    expect(await ground.run(ground.team())).toMatchObject({ value: { launch: { state: "ready" } } });
  });

  test("has a mark that nobody may read without harm", async () => {
    const ground = launchGround();
    await ground.run(ground.team());
    writeFileSync(join(ground.dataDir, "launches/stops/shop.txt"), "");
    expect(await ground.run(ground.team())).toMatchObject({ value: { launch: { state: "ready" } } });
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
