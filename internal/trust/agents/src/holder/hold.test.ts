// @module-tag rest
import process from "node:process";
import { execFile } from "node:child_process";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { askHeld, startHeld } from "@gatehouse/held-client";
import { awaitHeld } from "./await-held.fixture.ts";
import { isRunning, makeHeldFixture, patience } from "./held.fixture.ts";

const slow = { tags: ["slow"] };

const tinyClaude = fileURLToPath(
  new URL("../../../../../test-fixtures/programs/tiny-claude.sh", import.meta.url),
);
const app = new URL("../../../../../apps/orchestrator-adapter/", import.meta.url);
const example = fileURLToPath(new URL("examples/hold-an-agent.mjs", app));

test("the adapter's example holds an agent, sends it a prompt, and is in its README", slow, async () => {
  const fixture = makeHeldFixture();
  const args = [example, inject("programs")["orchestrator-adapter"], fixture.project, "echo hello"];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: fixture.env,
    cwd: fixture.home,
  });
  expect(stdout).toMatch(/^\{ v: 1, ok: true \}\n[^]*● hello\n[^]*\nended\n$/);
  expect(await fixture.agents()).toMatchObject([{ member: "example", state: "ended" }]);
  const source = readFileSync(example, "utf8");
  expect(readFileSync(new URL("README.md", app), "utf8")).toContain(source);
  expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
});

describe("a held agent", () => {
  test(
    "outlives its launcher, is listed, and is stopped with all processes that it started",
    slow,
    async () => {
      const fixture = makeHeldFixture();
      const record = await fixture.ready("ana", { team: "shop" });
      expect(await fixture.agents()).toMatchObject([
        {
          member: "ana",
          team: "shop",
          provider: "claude",
          folder: fixture.project,
          state: "ready",
          pid: record.pid,
        },
      ]);
      const { stdout, code } = await fixture.gatehouse("ps", "--json");
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, agents: [{ member: "ana", state: "ready" }] });
      expect((await fixture.gatehouse("ps")).stdout).toMatch(/MEMBER[^]*shop\/ana +claude +ready/);
      const stopped = await fixture.gatehouse("stop", "ana", "--json");
      expect(JSON.parse(stopped.stdout)).toMatchObject({ ok: true, agents: [{ ok: true, member: "ana" }] });
      expect([record.pid, record.holder].filter(isRunning)).toEqual([]);
      expect(await fixture.agents()).toEqual([]);
    },
  );

  test("keeps its name: a second agent of this name is refused and not started", slow, async () => {
    const fixture = makeHeldFixture();
    const starts = await Promise.all([1, 2, 3].map(() => startHeld(fixture.startOf("ana"))));
    expect(starts.filter(({ ok }) => ok)).toHaveLength(1);
    expect(starts.filter((start) => !start.ok).map((start) => !start.ok && start.error.code)).toEqual([
      "already-held",
      "already-held",
    ]);
    expect(await fixture.agents()).toHaveLength(1);
  });

  test("is not started in an untrusted folder, with the adapter's reason", slow, async () => {
    const fixture = makeHeldFixture();
    const started = await startHeld(fixture.startOf("ana", { folder: fixture.home }));
    expect(started).toMatchObject({ ok: false, error: { code: "workspace_trust_required" } });
    expect(fixture.notes()).toEqual([]);
    expect(await fixture.agents()).toEqual([]);
  });

  test("ends with its own exit code and last screen", slow, async () => {
    const fixture = makeHeldFixture({ session: { start: "exit" } });
    const started = await startHeld(fixture.startOf("ana"));
    if (!started.ok) throw new Error(started.error.message);
    const outcome = await awaitHeld(started.value, { timeoutMs: 60_000 });
    expect(outcome).toMatchObject({ state: "ended", exitCode: 7 });
    expect(outcome).toMatchObject({ screen: expect.stringContaining("cannot start: no licence") as string });
    expect(await fixture.agent("ana")).toMatchObject({ state: "ended", exitCode: 7, pid: null });
    expect((await fixture.gatehouse("ps")).stdout).toMatch(/ana +claude +ended 7/);
    // The name is free again.
    expect(await startHeld(fixture.startOf("ana"))).toMatchObject({ ok: true });
  });

  test("shows what its agent drew before it was recorded", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana", { cli: tinyClaude });
    expect((await fixture.gatehouse("screen", "ana")).stdout).toContain("tiny agent");
  });

  test("is reported as starting after the timeout, and keeps running", slow, async () => {
    const fixture = makeHeldFixture({ session: { start: "nothing" } });
    const started = await startHeld(fixture.startOf("ana"));
    if (!started.ok) throw new Error(started.error.message);
    expect(await awaitHeld(started.value, { timeoutMs: 300 })).toEqual({ state: "starting" });
    expect(isRunning(started.value.pid)).toBe(true);
  });

  test("ends with a killed holder: no process of it runs, and no exit code is reported", slow, async () => {
    const fixture = makeHeldFixture({ session: { stubborn: true } });
    const { pid, holder } = await fixture.ready("ana");
    process.kill(holder, "SIGKILL");
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("ended");
    expect(isRunning(pid)).toBe(false);
    expect(await fixture.agent("ana")).not.toHaveProperty("exitCode");
    expect((await fixture.gatehouse("stop", "--all")).code).toBe(0);
    expect(await fixture.agents()).toEqual([]);
  });

  test("is stopped although it ignores signals, with a child that left its group", slow, async () => {
    const fixture = makeHeldFixture({ session: { stubborn: true } });
    const { pid, socket } = await fixture.ready("ana");
    expect(await askHeld(socket, { do: "send", text: "child" }, 60_000)).toMatchObject({ ok: true });
    await expect
      .poll(() => fixture.notes().find(({ event }) => event === "child")?.["child"], patience)
      .toBeTruthy();
    const child = Number(fixture.notes().find(({ event }) => event === "child")?.["child"]);
    expect(isRunning(child)).toBe(true);
    expect((await fixture.gatehouse("stop", "ana")).code).toBe(0);
    expect([pid, child].filter(isRunning)).toEqual([]);
  });

  test(
    "is stopped with a program that left its group and forks all the time",
    { tags: ["soak"] },
    async () => {
      const fixture = makeHeldFixture();
      const { socket } = await fixture.ready("ana");
      expect(await askHeld(socket, { do: "send", text: "forks" }, 60_000)).toMatchObject({ ok: true });
      const beatsFile = (): string =>
        String(fixture.notes().find(({ event }) => event === "forks")?.["beats"]);
      const beats = (): number => statSync(beatsFile(), { throwIfNoEntry: false })?.size ?? 0;
      await expect.poll(beats, patience).toBeGreaterThan(100);
      expect((await fixture.gatehouse("stop", "ana")).code).toBe(0);
      const before = beats();
      // A process that still runs would write a hundred times meanwhile.
      await pause(300);
      expect(beats() - before).toBe(0);
    },
  );

  test("has a socket and files that only its account may open, in a folder of any depth", slow, async () => {
    const fixture = makeHeldFixture({ dataDir: join("a".repeat(60), "b".repeat(60), "data") });
    const { socket } = await fixture.ready("ana");
    const mode = (path: string): number => lstatSync(path).mode & 0o777;
    expect(statSync(socket).isSocket()).toBe(true);
    expect(mode(socket)).toBe(0o600);
    expect(mode(dirname(dirname(socket)))).toBe(0o700);
    expect((await fixture.gatehouse("stop", "ana")).code).toBe(0);
  });
});
