import { execFile } from "node:child_process";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { askHeld } from "./client/ask-held.ts";
import { awaitHeld } from "./await-held.fixture.ts";
import { startHeld } from "./client/start-held.ts";
import { isRunning, makeHeldBed, patience } from "./held.fixture.ts";

const slow = { tags: ["slow"] };

const tinyClaude = fileURLToPath(new URL("../../../test-fixtures/programs/tiny-claude.sh", import.meta.url));
const app = new URL("../../../apps/orchestrator-adapter/", import.meta.url);
const example = fileURLToPath(new URL("examples/hold-an-agent.mjs", app));

test("the adapter's example holds an agent, gives it a prompt, and is in its README", slow, async () => {
  const bed = makeHeldBed();
  const args = [example, inject("programs")["orchestrator-adapter"], bed.project, "echo hello"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: bed.env, cwd: bed.home });
  expect(stdout).toMatch(/^\{ v: 1, ok: true \}\n[^]*● hello\n[^]*\nended\n$/);
  expect(await bed.agents()).toMatchObject([{ member: "example", state: "ended" }]);
  const source = readFileSync(example, "utf8");
  expect(readFileSync(new URL("README.md", app), "utf8")).toContain(source);
  expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
});

describe("a held agent", () => {
  test("runs on without its launcher, is listed, and is stopped with all that it started", slow, async () => {
    const bed = makeHeldBed();
    const record = await bed.ready("ana", { team: "shop" });
    expect(await bed.agents()).toMatchObject([
      {
        member: "ana",
        team: "shop",
        provider: "claude",
        folder: bed.project,
        state: "ready",
        pid: record.pid,
      },
    ]);
    const { stdout, code } = await bed.gatehouse("ps", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, agents: [{ member: "ana", state: "ready" }] });
    expect((await bed.gatehouse("ps")).stdout).toMatch(/MEMBER[^]*shop\/ana +claude +ready/);
    const stopped = await bed.gatehouse("stop", "ana", "--json");
    expect(JSON.parse(stopped.stdout)).toMatchObject({ ok: true, agents: [{ ok: true, member: "ana" }] });
    expect([record.pid, record.holder].filter(isRunning)).toEqual([]);
    expect(await bed.agents()).toEqual([]);
  });

  test("has a name once: another of it is refused, and nothing is started", slow, async () => {
    const bed = makeHeldBed();
    const starts = await Promise.all([1, 2, 3].map(() => startHeld(bed.startOf("ana"))));
    expect(starts.filter(({ ok }) => ok)).toHaveLength(1);
    expect(starts.filter((start) => !start.ok).map((start) => !start.ok && start.error.code)).toEqual([
      "already-held",
      "already-held",
    ]);
    expect(await bed.agents()).toHaveLength(1);
  });

  test("is not started where the folder is not trusted, and the reason is the adapter's", slow, async () => {
    const bed = makeHeldBed();
    const started = await startHeld(bed.startOf("ana", { folder: bed.home }));
    expect(started).toMatchObject({ ok: false, error: { code: "workspace_trust_required" } });
    expect(bed.notes()).toEqual([]);
    expect(await bed.agents()).toEqual([]);
  });

  test("ends with its own code and last screen", slow, async () => {
    const bed = makeHeldBed({ session: { start: "exit" } });
    const started = await startHeld(bed.startOf("ana"));
    if (!started.ok) throw new Error(started.error.message);
    const outcome = await awaitHeld(started.value, { timeoutMs: 60_000 });
    expect(outcome).toMatchObject({ state: "ended", exitCode: 7 });
    expect(outcome).toMatchObject({ screen: expect.stringContaining("cannot start: no licence") as string });
    expect(await bed.agent("ana")).toMatchObject({ state: "ended", exitCode: 7, pid: null });
    expect((await bed.gatehouse("ps")).stdout).toMatch(/ana +claude +ended 7/);
    // The name is free again.
    expect(await startHeld(bed.startOf("ana"))).toMatchObject({ ok: true });
  });

  test("shows what its agent drew at once, before it was recorded", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana", { cli: tinyClaude });
    expect((await bed.gatehouse("screen", "ana")).stdout).toContain("tiny agent");
  });

  test("is still starting when the time is over, and runs on", slow, async () => {
    const bed = makeHeldBed({ session: { start: "nothing" } });
    const started = await startHeld(bed.startOf("ana"));
    if (!started.ok) throw new Error(started.error.message);
    expect(await awaitHeld(started.value, { timeoutMs: 300 })).toEqual({ state: "starting" });
    expect(isRunning(started.value.pid)).toBe(true);
  });

  test("ends with its holder, killed: nothing of it runs, and nobody is told a code", slow, async () => {
    const bed = makeHeldBed({ session: { stubborn: true } });
    const { pid, holder } = await bed.ready("ana");
    process.kill(holder, "SIGKILL");
    await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("ended");
    expect(isRunning(pid)).toBe(false);
    expect(await bed.agent("ana")).not.toHaveProperty("exitCode");
    expect((await bed.gatehouse("stop", "--all")).code).toBe(0);
    expect(await bed.agents()).toEqual([]);
  });

  test("is stopped also where it takes no notice, with a child that left its group", slow, async () => {
    const bed = makeHeldBed({ session: { stubborn: true } });
    const { pid, socket } = await bed.ready("ana");
    expect(await askHeld(socket, { do: "send", text: "child" }, 60_000)).toMatchObject({ ok: true });
    await expect
      .poll(() => bed.notes().find(({ event }) => event === "child")?.["child"], patience)
      .toBeTruthy();
    const child = Number(bed.notes().find(({ event }) => event === "child")?.["child"]);
    expect(isRunning(child)).toBe(true);
    expect((await bed.gatehouse("stop", "ana")).code).toBe(0);
    expect([pid, child].filter(isRunning)).toEqual([]);
  });

  test("is stopped with a program out of its group that forks all the time", slow, async () => {
    const bed = makeHeldBed();
    const { socket } = await bed.ready("ana");
    expect(await askHeld(socket, { do: "send", text: "forks" }, 60_000)).toMatchObject({ ok: true });
    const beatsFile = (): string => String(bed.notes().find(({ event }) => event === "forks")?.["beats"]);
    const beats = (): number => statSync(beatsFile(), { throwIfNoEntry: false })?.size ?? 0;
    await expect.poll(beats, patience).toBeGreaterThan(100);
    expect((await bed.gatehouse("stop", "ana")).code).toBe(0);
    const before = beats();
    // One that lives on writes a hundred times meanwhile.
    await pause(300);
    expect(beats() - before).toBe(0);
  });

  test("has a socket and files that nobody else may open, in however deep a folder", slow, async () => {
    const bed = makeHeldBed({ dataDir: join("a".repeat(60), "b".repeat(60), "data") });
    const { socket } = await bed.ready("ana");
    const mode = (path: string): number => lstatSync(path).mode & 0o777;
    expect(statSync(socket).isSocket()).toBe(true);
    expect(mode(socket)).toBe(0o600);
    expect(mode(dirname(dirname(socket)))).toBe(0o700);
    expect((await bed.gatehouse("stop", "ana")).code).toBe(0);
  });
});
