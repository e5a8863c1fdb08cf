import { describe, expect, test } from "vitest";
import { expectedOf, runsOf } from "./rungs.ts";
import type { Expected, Rungs, Scenario } from "./scenario.ts";

const expected = (status: string): Expected => ({
  exit: 0,
  results: [{ status, code: status, trustKey: "w/a" }],
  trusted: ["w/a"],
  afterwards: "composer",
});

const scenario = (rungs?: Rungs, more: Partial<Scenario> = {}): Scenario => ({
  name: "a",
  why: "An example.",
  arrange: () => undefined,
  folders: ["w/a"],
  expect: [{ is: expected("trusted") }],
  ...(rungs === undefined ? {} : { rungs }),
  ...more,
});

const [old, young] = ["2.1.199", "2.1.200"];

describe("runsOf", () => {
  const rows: readonly { rungs: Rungs | undefined; on: string; runs: readonly string[] }[] = [
    { rungs: undefined, on: young, runs: ["dialog", "control"] },
    { rungs: "both", on: young, runs: ["dialog", "control"] },
    { rungs: "both", on: old, runs: ["dialog"] },
    { rungs: { byControl: [{ is: expected("blocked") }] }, on: young, runs: ["dialog", "control"] },
    { rungs: { byControl: [{ is: expected("blocked") }] }, on: old, runs: ["dialog"] },
    { rungs: { dialogOnly: "It has none." }, on: young, runs: ["dialog"] },
    { rungs: { once: "auto" }, on: old, runs: ["auto"] },
    { rungs: { once: "control" }, on: old, runs: ["control"] },
  ];
  test.each(rows)("$rungs on $on is run by $runs", ({ rungs, on, runs }) => {
    const here = runsOf(scenario(rungs)).filter(({ notOn }) => notOn(on) === null);
    expect(here.map(({ via }) => via)).toEqual(runs);
  });

  test("names the reason for a run that is skipped", () => {
    const reasons = (rungs: Rungs, on: string) => runsOf(scenario(rungs)).map(({ notOn }) => notOn(on));
    expect(reasons({ dialogOnly: "It has none." }, young)).toEqual([null, "It has none."]);
    expect(reasons("both", old)).toEqual([null, expect.stringContaining("2.1.199")]);
  });
});

describe("expectedOf", () => {
  const ofEach = (rungs: Rungs | undefined, more?: Partial<Scenario>) =>
    runsOf(scenario(rungs, more)).map((run) => expectedOf(run, young));

  test("expects the run's rung for newly trusted folders, and a start of the CLI after its dialog", () => {
    expect(ofEach("both")).toMatchObject([
      { results: [{ via: "dialog" }], afterwards: "composer" },
      { results: [{ via: "control" }], afterwards: null },
    ]);
  });

  test("expects a start after the control protocol if the row asks for it", () => {
    expect(ofEach("both", { startAfterControl: true })[1]).toMatchObject({ afterwards: "composer" });
  });

  test("uses a row's own result for control, and no rung for folders that were trusted before", () => {
    expect(ofEach({ byControl: [{ is: expected("blocked") }] }).map(({ results }) => results)).toEqual([
      [{ status: "trusted", code: "trusted", trustKey: "w/a", via: "dialog" }],
      [{ status: "blocked", code: "blocked", trustKey: "w/a" }],
    ]);
  });

  test("expects no rung for auto", () => {
    expect(ofEach({ once: "auto" })).toEqual([expected("trusted")]);
  });
});
