// @module-tag rest
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { PreflightProgress } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { readConsents } from "./ledger-file.ts";
import { program, startProgram, until } from "./start-program.fixture.ts";
import { installCli, makeBed, steps, type Bed, type LogLine } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const happened = (bed: Bed, event: LogLine["event"]) => (): boolean =>
  bed.log().some((line) => line.event === event);

describe("an interrupted run", () => {
  const signals = [
    { signal: "SIGINT", code: 130 },
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGHUP", code: 143 },
  ] as const;
  test.each(signals)(
    "is cancelled by $signal, exits with $code, and leaves nothing behind",
    { tags: ["slow"] },
    async ({ signal, code }) => {
      const bed = makeBed({ start: "hang" });
      const { child, ended } = startProgram(bed, [bed.folder("a"), bed.folder("b")]);
      await until(() => bed.log().length === 2);
      child.kill(signal);
      const end = await ended;
      expect(end.code).toBe(code);
      expect(JSON.parse(end.stdout)).toMatchObject({
        ok: false,
        results: [{ code: "cancelled" }, { code: "cancelled" }],
      });
      expect(bed.leftovers()).toEqual([]);
    },
  );

  type Stage = { step: PreflightProgress["step"]; accepted: number };
  const stages: readonly Stage[] = [
    { step: "starting", accepted: 0 },
    { step: "asked", accepted: 0 },
    { step: "waiting", accepted: 0 },
  ];
  test.each(stages)(
    "presses no key after an abort at $step, and leaves nothing behind",
    { tags: ["slow"] },
    async ({ step, accepted }) => {
      const bed = makeBed();
      const controller = new AbortController();
      const { results } = await runPreflight(bed.request([bed.folder("project")]), {
        signal: controller.signal,
        onProgress: steps((progress) => progress.step === step && controller.abort()),
      });
      expect(results).toMatchObject([{ code: "cancelled" }]);
      expect(bed.log().filter(({ event }) => event === "accepted")).toHaveLength(accepted);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test("starts no CLI after an abort before its start", async () => {
    const bed = makeBed();
    const { results } = await runPreflight(bed.request([bed.folder("project")]), {
      signal: AbortSignal.abort(),
    });
    expect(results).toMatchObject([{ code: "cancelled" }]);
    expect(bed.log()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("returns and records no launch after an abort before its start", async () => {
    const bed = makeBed();
    const started = installCli(bed, "codex", "0.169.0");
    const report = await runPreflight(
      bed.request([bed.folder("project", { ".git/HEAD": "" })], { providers: ["codex", "gemini"] }),
      { signal: AbortSignal.abort() },
    );
    expect(report.ok).toBe(false);
    expect(report.launch).toBeUndefined();
    expect(report.results).toMatchObject([{ code: "cancelled" }, { code: "cancelled" }]);
    expect(report.results.map(({ launch }) => launch)).toEqual([undefined, undefined]);
    expect([existsSync(started), existsSync(bed.dataDir)]).toEqual([false, false]);
  });

  test(
    "returns no launch of the other provider after an abort while one provider's folders are confirmed",
    slow,
    async () => {
      const bed = makeBed();
      installCli(bed, "codex", "0.169.0");
      const folder = bed.folder("project", { ".git/HEAD": "" });
      const controller = new AbortController();
      const report = await runPreflight(bed.request([folder], { providers: ["claude", "codex"] }), {
        signal: controller.signal,
        onProgress: steps(({ step }) => step === "asked" && controller.abort()),
      });
      expect(report.ok).toBe(false);
      expect(report.launch).toBeUndefined();
      expect(report.results).toMatchObject([{ code: "cancelled" }, { code: "cancelled" }]);
      const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
      expect(ledger.ok && ledger.value.consents.filter(({ provider }) => provider === "codex")).toEqual([]);
    },
  );
});

describe("a batch that reaches its deadline", () => {
  test.each(["dialog", "control"] as const)(
    "ends its open folders as timeout and leaves nothing behind, by %s",
    { tags: ["slow"] },
    async (via) => {
      const bed = makeBed({ start: "hang", door: "hangs" });
      const [done, a, b] = [bed.folder("done"), bed.folder("a"), bed.folder("b")];
      writeFileSync(
        bed.stateFile,
        JSON.stringify({ projects: { [done]: { hasTrustDialogAccepted: true } } }),
      );
      const request = bed.request([done, a, b], { via, deadlineMs: 700 });
      const { ok, results } = await runPreflight(request);
      expect(ok).toBe(false);
      expect(results.map(({ code }) => code)).toEqual(["already-trusted", "timeout", "timeout"]);
      expect(results[1]?.message).toContain("within 0.7 s");
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test("has the same results as without a deadline if it finishes before", slow, async () => {
    const bed = makeBed();
    const { results } = await runPreflight(bed.request([bed.folder("a")], { deadlineMs: 120_000 }));
    expect(results).toMatchObject([{ code: "trusted" }]);
  });
});

describe("a killed run", () => {
  test("leaves no lock and no CLI behind, and the next run does the work", slow, async () => {
    const bed = makeBed({ writeMs: 60_000 });
    const folder = bed.folder("project");
    const { child, ended } = startProgram(bed, [folder]);
    await until(happened(bed, "accepted"));
    child.kill("SIGKILL");
    await ended;
    await until(() => !bed.leftovers().some((left) => left.startsWith("process")));
    writeFileSync(join(bed.root, "bin", "fake-claude.json"), "{}");
    const { results } = await runPreflight(bed.request([folder]));
    expect(results).toMatchObject([{ code: "trusted" }]);
    const ledger = readFileSync(join(bed.dataDir, "consents.jsonl"), "utf8").trim().split("\n");
    expect(ledger.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      "asked",
      "asked",
      "ended",
    ]);
  });
});

describe("the temporary folder of a killed run", () => {
  const temporary = (bed: Bed): readonly string[] =>
    bed.leftovers().filter((left) => left.startsWith("workspace-trust-"));

  test("is removed by the next run, and a running one's is kept", slow, async () => {
    const bed = makeBed({ start: "hang" });
    const killed = startProgram(bed, [bed.folder("a")]);
    await until(happened(bed, "start"));
    const left = temporary(bed);
    expect(left).toHaveLength(1);
    const living = startProgram(bed, [bed.folder("b")]);
    await until(() => bed.log().length === 2);
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(temporary(bed)).toEqual(expect.arrayContaining([...left]));
    writeFileSync(join(bed.root, "bin", "fake-claude.json"), "{}");
    expect((await runPreflight(bed.request([bed.folder("c")]))).ok).toBe(true);
    expect(temporary(bed)).toHaveLength(1);
    expect(temporary(bed)).not.toEqual(left);
    living.child.kill("SIGTERM");
    await living.ended;
    expect(temporary(bed)).toEqual([]);
  });
});

describe("a killed run whose CLI ignores a hangup", () => {
  test("leaves no CLI behind, and no guard", slow, async () => {
    const bed = makeBed({ stubborn: true, deadMs: 60_000 });
    onTestFinished(() => {
      for (const left of bed.leftovers())
        if (left.startsWith("process ")) process.kill(Number(left.slice(8)), "SIGKILL");
    });
    const { child, ended } = startProgram(bed, [bed.folder("a"), bed.folder("b")]);
    await until(() => bed.log().filter(({ event }) => event === "key").length >= 2);
    child.kill("SIGKILL");
    await ended;
    await until(() => !bed.leftovers().some((left) => left.startsWith("process")));
  });
});

describe("a killed CLI", () => {
  test("is cli-exited and leaves nothing behind if it was killed while it asked", slow, async () => {
    const bed = makeBed({ deadMs: 60_000 });
    const running = runPreflight(bed.request([bed.folder("project")]));
    await until(happened(bed, "key"));
    process.kill(bed.log()[0]?.pid ?? 0, "SIGKILL");
    const { results } = await running;
    expect(results).toMatchObject([{ code: "cli-exited" }]);
    expect(results[0]?.screen).toMatch(/Yes, I trust this folder/);
    expect(bed.leftovers()).toEqual([]);
  });

  test(
    "has its folder trusted and its lock reported if it was killed right after it wrote",
    slow,
    async () => {
      const bed = makeBed({ accept: "leave-lock", remountMs: null });
      const { results } = await runPreflight(bed.request([bed.folder("project")]));
      expect(results).toMatchObject([{ code: "trusted", diagnostics: [{ code: "stale-cli-lock" }] }]);
      expect(bed.leftovers()).toEqual(["Claude's lock"]);
      expect(existsSync(`${bed.stateFile}.lock`)).toBe(true);
    },
  );
});

describe("a finished run", () => {
  test("ends its process at once", slow, async () => {
    const bed = makeBed({ remountMs: null });
    await startProgram(bed, [bed.folder("project")]).ended;
  });
});

describe("a run whose output is no longer read", () => {
  test("finishes its work", slow, async () => {
    const bed = makeBed({ remountMs: null });
    const folder = bed.folder("project");
    const { child, ended } = startProgram(bed, [folder]);
    child.stdout?.destroy();
    expect((await ended).code).toBe(0);
    expect(bed.trusted()).toEqual([folder]);
    expect(bed.leftovers()).toEqual([]);
  });
});

test("a result that a full disk did not store is reported and is no success", slow, async () => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [program, "--help"], {
    stdio: ["ignore", full, "pipe"],
  });
  closeSync(full);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [number];
  expect({ code, said }).toEqual({
    code: 1,
    said: "error: The result could not be written: ENOSPC: no space left on device, write.\n",
  });
});

describe("two processes of ours", () => {
  test("never commit at the same time, and both finish", slow, async () => {
    const bed = makeBed({ lockMs: 20 });
    const [left, right] = [
      ["a", "b", "c"],
      ["d", "e", "f"],
    ].map((names) => names.map((name) => bed.folder(name))) as [string[], string[]];
    const ends = await Promise.all([startProgram(bed, left).ended, startProgram(bed, right).ended]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect([...bed.trusted()].sort()).toEqual([...left, ...right].sort());
    const commits = bed.log().filter(({ event }) => event === "accepted" || event === "written");
    expect(commits.map(({ event }) => event)).toEqual(
      [...left, ...right].flatMap(() => ["accepted", "written"]),
    );
    expect(bed.leftovers()).toEqual([]);
  });
});
