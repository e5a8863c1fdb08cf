// @module-tag soak
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeBed, type Bed, type LogLine } from "@gatehouse/test-kit";
import { runPreflight } from "../execute.ts";
import { readConsents } from "../ledger-file.ts";
import { killedWhen, startProgram, until } from "../start-program.fixture.ts";

const slow = { tags: ["slow"] };
const claude = process.env["GATEHOUSE_TEST_CLAUDE"];
const why = "GATEHOUSE_TEST_CLAUDE names no real Claude Code";

const count = (bed: Bed, event: LogLine["event"]): number =>
  bed.log().filter((line) => line.event === event).length;

const folders = (bed: Bed, many: number): readonly string[] =>
  Array.from({ length: many }, (_, at) => bed.folder(`project-${at}`));

describe("our program killed with SIGKILL while it talks to the CLI", () => {
  // The last event in the CLI's log before the kill, and its number.
  const steps: readonly { event: LogLine["event"]; times: number }[] = [
    { event: "door", times: 1 },
    { event: "asked", times: 1 },
    { event: "asked", times: 2 },
    { event: "accepted", times: 1 },
    { event: "written", times: 1 },
    { event: "asked", times: 4 },
    { event: "accepted", times: 2 },
    { event: "written", times: 3 },
  ];
  test.each(steps)(
    "trusts no wrong folder at $event no. $times, and the next run confirms the rest and leaves nothing behind",
    slow,
    async ({ event, times }) => {
      const bed = makeBed({ door: "open", writeMs: 20, lockMs: 20 });
      const named = folders(bed, 4);
      const started = startProgram(bed, named, { via: "control" });
      await killedWhen(bed, started, () => count(bed, event) >= times);
      expect(named).toEqual(expect.arrayContaining([...bed.trusted()]));
      const before = bed.trusted();
      const { results } = await runPreflight(bed.request(named, { via: "control" }));
      expect(results.map(({ code }) => code)).toEqual(
        named.map((folder) => (before.includes(folder) ? "already-trusted" : "trusted")),
      );
      expect([...bed.trusted()].sort()).toEqual(named);
      expect(bed.leftovers()).toEqual([]);
      const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
      const consented = ledger.ok ? ledger.value.consents.map(({ key }) => key) : [];
      // The consent of each trusted folder was recorded before the CLI was asked.
      expect(new Set(consented)).toEqual(new Set(named));
    },
  );
});

describe("a CLI that is killed during the conversation", () => {
  // "accepted": the killed CLI holds its lock. The next CLI waits for the lock and breaks it.
  test.each([
    { event: "door" as const, lockMs: 20 },
    { event: "accepted" as const, lockMs: 1_000 },
  ])("has its folder and the others trusted by the dialog (killed at $event)", slow, async (row) => {
    const bed = makeBed({ door: "open", startMs: 200, lockMs: row.lockMs });
    const named = folders(bed, 3);
    const running = runPreflight(bed.request(named, { via: "auto" }));
    await until(() => count(bed, row.event) >= 1);
    process.kill(bed.log()[0]?.pid ?? 0, "SIGKILL");
    const { results } = await running;
    expect(results.map(({ code, via }) => `${code} by ${via}`)).toEqual(named.map(() => "trusted by dialog"));
    expect([...bed.trusted()].sort()).toEqual(named);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("eight programs at once, each with all folders in its own order", () => {
  const runs = async (bed: Bed, more: readonly string[]): Promise<void> => {
    const named = folders(bed, 8);
    const programs = named.map((_, at) =>
      startProgram(bed, [...named.slice(at), ...named.slice(0, at), ...more], {
        via: "control",
        dataDir: join(bed.root, `data-${at}`),
      }),
    );
    const ends = await Promise.all(programs.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code)).toEqual(named.map(() => 0));
    const results = ends.flatMap(
      ({ stdout }) => (JSON.parse(stdout) as { results: { code: string }[] }).results,
    );
    expect(results.filter(({ code }) => code === "trusted")).toHaveLength(8);
    expect([...bed.trusted()].sort()).toEqual(named);
    expect(bed.leftovers()).toEqual([]);
  };

  test("accept every folder once and lose none, with the fake", slow, async () => {
    const bed = makeBed({ door: "open" });
    await runs(bed, []);
    expect(count(bed, "accepted")).toBe(8);
  });

  test("accept every folder once and lose none, with the real Claude Code", slow, async ({ skip }) => {
    skip(claude === undefined || !existsSync(claude), why);
    const bed = makeBed({}, null);
    await runs(bed, ["--claude", claude ?? "", "--timeout", "60"]);
    expect(JSON.parse(readFileSync(bed.stateFile, "utf8"))).toHaveProperty("projects");
  });
});
