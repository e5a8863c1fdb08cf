import { describe, expect, test } from "vitest";
import { exitCodeOf, type Code, type PreflightEvent, type PreflightResult } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { makeBed, withMoreTime, type Bed, type Scenario } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };

/** The result of a run with one folder. */
const runOne = async (bed: Bed, folder: string, more = {}): Promise<PreflightResult> => {
  const { results } = await runPreflight(bed.request([folder], more));
  return results[0] as PreflightResult;
};

const enters = (bed: Bed): readonly (string | undefined)[] =>
  bed
    .log()
    .filter(({ event, key, isLost }) => event === "key" && key === "\r" && !isLost)
    .map(({ pointed }) => pointed);

describe("a folder about which the CLI must be asked", () => {
  const wordings: readonly { name: string; scenario: Scenario }[] = [
    { name: "the refusing option first, as from 2.1.248", scenario: { order: "no-first" } },
    { name: "the accepting option first, as before", scenario: { order: "yes-first", version: "2.1.197" } },
    { name: "numbered options", scenario: { order: "yes-first", numbered: true, version: "2.1.113" } },
    { name: "keys lost for longer than any version loses them", scenario: { deadMs: 600, remountMs: 600 } },
    { name: "a late remount that resets the pointer", scenario: { deadMs: 100, remountMs: 320 } },
    { name: "a slow start", scenario: { startMs: 1500 } },
  ];
  test.each(wordings)("is trusted: $name", slow, async ({ scenario }) => {
    const bed = makeBed(scenario);
    const folder = bed.folder("project");
    const result = await runOne(bed, folder);
    expect(result).toMatchObject({ status: "trusted", code: "trusted", trustKey: folder, grants: [] });
    expect(bed.trusted()).toEqual([folder]);
    expect(enters(bed)).toEqual(["Yes, I trust this folder"]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is trusted although the CLI draws nothing for 3.5 s, which is reported", slow, async () => {
    const bed = makeBed({ startMs: 3_500 });
    const texts: string[] = [];
    const onProgress = (event: PreflightEvent): void =>
      void (event.type === "step" && texts.push(event.text));
    const { results } = await runPreflight(bed.request([bed.folder("project")]), { onProgress });
    expect(results).toMatchObject([{ code: "trusted" }]);
    expect(texts.filter((text) => text === "has drawn nothing yet")).toHaveLength(1);
  });

  type Failing = { name: string; scenario: Scenario; code: Code; exit: number; keys: number; screen: RegExp };
  const failing: readonly Failing[] = [
    {
      name: "a dialog that no rule matches",
      scenario: { start: "unknown" },
      code: "unknown-dialog",
      exit: 3,
      keys: 0,
      screen: /A question that nobody has heard of/,
    },
    {
      name: "a CLI that exits by itself",
      scenario: { start: "crash" },
      code: "cli-exited",
      exit: 1,
      keys: 0,
      screen: /Something is broken here/,
    },
    {
      name: "a CLI that draws nothing",
      scenario: { start: "hang" },
      code: "timeout",
      exit: 1,
      keys: 0,
      screen: /^$/,
    },
    {
      name: "a CLI that crashes after the answer",
      scenario: { accept: "crash", remountMs: null },
      code: "cli-exited",
      exit: 1,
      keys: 2,
      screen: /Yes, I trust this folder/,
    },
    {
      name: "a CLI that continues without saving the answer",
      scenario: { accept: "forget", remountMs: null },
      code: "trust-not-persisted",
      exit: 1,
      keys: 2,
      screen: /\? for shortcuts/,
    },
    {
      name: "a CLI that reaches its prompt without asking",
      scenario: { start: "composer" },
      code: "not-asked-unproven",
      exit: 1,
      keys: 0,
      screen: /\? for shortcuts/,
    },
    {
      name: "a CLI that shows its prompt before it asks",
      scenario: { composerFirstMs: 3_000 },
      code: "not-asked-unproven",
      exit: 1,
      keys: 0,
      screen: /\? for shortcuts/,
    },
  ];
  test.each(failing)(
    "is $code and not trusted: $name",
    slow,
    async ({ scenario, code, exit, keys, screen }) => {
      const { bed, report } = await withMoreTime(
        async (timeoutMs) => {
          const bed = makeBed(scenario);
          return { bed, report: await runPreflight(bed.request([bed.folder("project")], { timeoutMs })) };
        },
        ({ bed, report }) =>
          scenario["accept"] === "forget"
            ? bed.log().some(({ event }) => event === "composer")
            : report.results[0]?.code !== "timeout" || scenario["start"] === "hang",
      );
      expect(report.results[0]).toMatchObject({ code });
      expect(report.results[0]?.screen ?? "").toMatch(screen);
      expect(report.results[0]?.fix).toBeTruthy();
      expect(exitCodeOf(report)).toBe(exit);
      expect(bed.log().filter(({ event }) => event === "key")).toHaveLength(keys);
      expect(bed.trusted()).toEqual([]);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});
