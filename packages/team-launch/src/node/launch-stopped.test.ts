import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { thisProcess } from "@gatehouse/processes";
import { describe, expect, test } from "vitest";
import { defaultFlags } from "../flags.ts";
import { stepNames } from "../stages/step-names.ts";
import { launchFixture } from "./launch.fixture.ts";
import { launchingTeams, stopLaunch } from "./store/stop-launch.ts";

const prepared = stepNames.slice(stepNames.indexOf("run"), stepNames.indexOf("spawn"));

describe("a launch that another process stops", () => {
  test.for(prepared.flatMap((step) => [true, false].map((isKnown) => ({ step, isKnown }))))(
    "removes no snapshot, starts nothing and is undone once if it is stopped at $step (known team: $isKnown)",
    async ({ step, isKnown }) => {
      const fixture = launchFixture();
      const ana = fixture.member("ana", "trusted");
      if (isKnown) await fixture.run(fixture.team(ana));
      fixture.agents.length = 0;
      const { team, snapshot, worktrees, branches } = await fixture.kept();
      const spawned = fixture.started.length;
      const more = fixture.team(ana, fixture.member("cy", "repo", { worktree: true }));
      const end = await fixture.run(more, { stoppedAt: step });
      const message = expect.stringContaining("stopped before its first agent") as string;
      expect(end).toMatchObject({
        value: { ok: false, launch: { state: "cancelled" }, error: { code: "cancelled", message } },
      });
      expect(end.progress.at(-1)).toMatchObject({ state: "cancelled" });
      expect(fixture.started).toHaveLength(spawned);
      const after = await fixture.kept();
      expect(after).toMatchObject({ team, snapshot, worktrees, branches, artifacts: 0 });
      const [journal] = (await fixture.journals()).slice(-1);
      expect(journal?.entries.filter(({ type }) => type === "undone").length).toBeLessThanOrEqual(1);
      expect(journal?.entries.map(({ type }) => type)).not.toContain("spawning");
    },
  );

  test("keeps the started agents, starts no more, and does not report that they keep running", async () => {
    const fixture = launchFixture();
    const names = ["ana", "bo", "cy", "di", "ed", "fay", "gus", "hal"];
    const started: string[] = [];
    const start = async (
      { member: { name, provider, cwd } }: { readonly member: (typeof fixture.started)[number]["member"] },
      signal?: AbortSignal,
    ) => {
      // The signal reaches the starts that are in progress.
      if (started.length > 0 && signal?.aborted === false)
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      started.push(name);
      fixture.agents.push({ id: name, member: name, provider, folder: cwd, state: "starting" });
      return { ok: true as const, value: { id: name } };
    };
    const list = async () => fixture.agents;
    const team = fixture.team(...names.map((name) => fixture.member(name, "trusted")));
    const end = await fixture.run(team, { stoppedAt: "spawning", runtime: { start, list } });
    expect(end).toMatchObject({ value: { launch: { state: "cancelled" }, error: { code: "cancelled" } } });
    expect(end.ok && end.value.error?.message).not.toContain("live on");
    expect(started.length).toBeLessThan(names.length);
    expect(await fixture.kept()).toMatchObject({ team: { name: "shop" }, ends: ["cancelled"], artifacts: 0 });
  });

  test.for([true, false])("is found by stopLaunch, which waits for its end (lock: %s)", async (fileLock) => {
    const fixture = launchFixture();
    const { signal } = new AbortController();
    const stopping: ReturnType<typeof stopLaunch>[] = [];
    const seen: (readonly string[])[] = [];
    const checkProvider = async () => {
      seen.push(await launchingTeams(fixture.dataDir));
      return null;
    };
    const start = async () => {
      seen.push(await launchingTeams(fixture.dataDir));
      stopping.push(stopLaunch(fixture.dataDir, "shop", { timeoutMs: 600_000, signal }));
      fixture.agents.push({
        id: "a",
        member: "ana",
        provider: "claude",
        folder: fixture.at("trusted"),
        state: "starting",
      });
      return { ok: true as const, value: { id: "a" } };
    };
    const list = async () => (await turn(), fixture.agents);
    const flags = { ...defaultFlags, fileLock };
    const end = await fixture.run(fixture.team(), {
      flags,
      timeoutMs: 600_000,
      runtime: { start, list, checkProvider },
    });
    expect(seen).toEqual([["shop"], ["shop"]]);
    const launch = end.ok ? end.value.launch.id : "";
    expect(await stopping[0]).toEqual({ ok: true, value: { launch, state: "cancelled" } });
    expect(await launchingTeams(fixture.dataDir)).toEqual([]);
  });

  test.for([true, false])(
    "is found by stopLaunch while it plans, and ends before its run (lock: %s)",
    async (fileLock) => {
      const fixture = launchFixture();
      const { signal } = new AbortController();
      const stopping: ReturnType<typeof stopLaunch>[] = [];
      let hasPlanned = false;
      const heard: boolean[] = [];
      const checkProvider = async () => {
        const stopped = stopLaunch(fixture.dataDir, "shop", { timeoutMs: 600_000, signal });
        stopping.push(stopped.finally(() => void heard.push(hasPlanned)));
        for (let turns = 0; turns < 300; turns += 1) await turn();
        hasPlanned = true;
        return null;
      };
      const flags = { ...defaultFlags, fileLock };
      const end = await fixture.run(fixture.team(), { flags, runtime: { checkProvider } });
      expect(end).toMatchObject({ ok: false, error: { code: "cancelled" } });
      expect(await stopping[0]).toEqual({ ok: true, value: { launch: null, state: null } });
      expect(heard).toEqual([true]);
      expect(fixture.started).toEqual([]);
      expect(await launchingTeams(fixture.dataDir)).toEqual([]);
    },
  );

  test("is not found by stopLaunch if its launcher had no lock and was killed while it planned", async () => {
    const fixture = launchFixture();
    const killed = spawnSync(process.execPath, ["-e", "0"]);
    const locks = join(fixture.dataDir, "launches/locks");
    mkdirSync(locks, { recursive: true });
    const sign = join(locks, `shop.lock.${randomUUID()}.launcher`);
    writeFileSync(sign, JSON.stringify({ ...thisProcess(), pid: killed.pid }));
    expect(await launchingTeams(fixture.dataDir)).toEqual([]);
    await fixture.run(fixture.team(), { flags: { ...defaultFlags, fileLock: false } });
    expect(readdirSync(locks)).toEqual([]);
  });

  test("leaves no stop behind for a later launch, and stopLaunch without a running launch ends at once", async () => {
    const fixture = launchFixture();
    const { signal } = new AbortController();
    await fixture.run(fixture.team());
    const stopped = await stopLaunch(fixture.dataDir, "shop", { timeoutMs: 0, signal });
    expect(stopped).toEqual({ ok: true, value: { launch: null, state: null } });
    const marks = join(fixture.dataDir, "launches/stops");
    expect(readdirSync(marks)).toEqual(["shop.txt"]);
    expect(statSync(join(marks, "shop.txt")).mode & 0o777).toBe(0o600);
    expect(await fixture.run(fixture.team())).toMatchObject({ value: { launch: { state: "ready" } } });
  });

  test("is reported as still launching after a time limit if its launcher hangs", async () => {
    const fixture = launchFixture();
    const { signal } = new AbortController();
    let stopped: unknown;
    const checkProvider = async () => {
      stopped = await stopLaunch(fixture.dataDir, "shop", { timeoutMs: 60, signal });
      return null;
    };
    await fixture.run(fixture.team(), { runtime: { checkProvider } });
    expect(stopped).toMatchObject({ ok: false, error: { code: "still-launching", fix: expect.any(String) } });
  });

  test("ends together with the launches that wait for its lock, and none of them starts an agent", async () => {
    const fixture = launchFixture();
    const { signal } = new AbortController();
    const others: ReturnType<typeof fixture.run>[] = [];
    const checkProvider = async () => {
      await new Promise<void>((onWatching) =>
        others.push(fixture.run(fixture.team(), { timeoutMs: 60_000, onWatching })),
      );
      // It has read the stop file for its comparison, and now waits for the lock.
      for (let turns = 0; turns < 100; turns += 1) await turn();
      void stopLaunch(fixture.dataDir, "shop", { timeoutMs: 600_000, signal });
      for (let turns = 0; turns < 300; turns += 1) await turn();
      return null;
    };
    const first = await fixture.run(fixture.team(), { runtime: { checkProvider } });
    for (const end of [first, await others[0]])
      expect(end).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(fixture.started).toEqual([]);
  });

  test("is not stopped if the stop file cannot be written, and stopLaunch returns an error", async () => {
    const fixture = launchFixture();
    await fixture.run(fixture.team());
    mkdirSync(join(fixture.dataDir, "launches/stops/shop.txt"));
    const { signal } = new AbortController();
    expect(await stopLaunch(fixture.dataDir, "shop", { timeoutMs: 60, signal })).toMatchObject({
      ok: false,
      error: { code: "data-folder-unusable", message: expect.stringContaining("EISDIR") },
    });
    expect(await fixture.run(fixture.team())).toMatchObject({ value: { launch: { state: "ready" } } });
  });

  test("keeps running if the stop file is empty", async () => {
    const fixture = launchFixture();
    await fixture.run(fixture.team());
    writeFileSync(join(fixture.dataDir, "launches/stops/shop.txt"), "");
    expect(await fixture.run(fixture.team())).toMatchObject({ value: { launch: { state: "ready" } } });
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
