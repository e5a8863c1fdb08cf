import { describe, expect, test } from "vitest";
import { recoveryOf, replayJournal, type JournalRecord } from "./journal.ts";
import type { Step } from "./plan-steps.ts";

const step = (path: string): Step => ({
  kind: "make-directory",
  path,
  mode: 0o700,
  maker: { uid: 1, gid: 1 },
});
const steps = [step("/a"), step("/b"), step("/c")];
const plan: JournalRecord = { record: "plan", steps, before: "digest", removes: null };
const begin = (index: number): JournalRecord => ({ record: "begin", step: index });
const upTo = (index: number) => steps.slice(0, index).reverse();

const staged = { isStaged: true, isUnchanged: true };
const renamed = { isStaged: false, isUnchanged: false };
const edited = { isStaged: true, isUnchanged: false };

describe("recoveryOf and replayJournal", () => {
  test.for([
    {
      name: "no step was begun",
      records: [plan],
      observed: staged,
      expected: { direction: "undo", steps: [] },
    },
    {
      name: "a step may have happened",
      records: [plan, begin(0)],
      observed: staged,
      expected: { direction: "undo", steps: upTo(1) },
    },
    {
      name: "one step is done, the next may have happened",
      records: [plan, begin(0), begin(1)],
      observed: staged,
      expected: { direction: "undo", steps: upTo(2) },
    },
    {
      name: "it committed, but did not rename",
      records: [plan, begin(2), { record: "commit" }],
      observed: staged,
      expected: { direction: "finish" },
    },
    {
      name: "it committed and renamed",
      records: [plan, begin(2), { record: "commit" }],
      observed: renamed,
      expected: { direction: "finish" },
    },
    {
      name: "it committed, but another program wrote users.yaml",
      records: [plan, begin(2), { record: "commit" }],
      observed: edited,
      expected: { direction: "undo", steps: upTo(3) },
    },
    {
      name: "an undo was begun, and the staged file is gone",
      records: [plan, begin(2), { record: "commit" }, { record: "undo" }],
      observed: renamed,
      expected: { direction: "undo", steps: upTo(3) },
    },
  ] as const)("choose $expected.direction if $name", ({ records, observed, expected }) => {
    expect(recoveryOf(replayJournal(records)!, observed)).toEqual(expected);
  });

  test.for([
    { name: "an empty journal", records: [] },
    { name: "records whose plan was torn off", records: [begin(0), begin(1)] },
  ] as const)("find no run in $name", ({ records }) => expect(replayJournal(records)).toBeNull());

  test("know that a closed run has ended, and how", () => {
    const state = replayJournal([plan, begin(2), { record: "undo" }, { record: "closed" }]);
    expect(state).toMatchObject({ isClosed: true, phase: "undoing" });
  });

  test("use the last of two runs", () => {
    const state = replayJournal([
      plan,
      begin(2),
      { record: "closed" },
      { ...plan, steps: [step("/d")] },
      begin(0),
    ]);
    expect(recoveryOf(state!, staged)).toEqual({ direction: "undo", steps: [step("/d")] });
  });
});
