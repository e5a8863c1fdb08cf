import { describe, expect, test } from "vitest";
import type { JournalEntry, JournalFact, KeptLaunch } from "./journal.ts";
import { keptLaunches, outdated } from "./prune-launches.ts";

const at = "2026-11-22T00:00:00.000Z";
const ended: JournalFact = { type: "ended", state: "ready" };
const step: JournalFact = { type: "step", step: "run" };
const spawning: JournalFact = { type: "spawning", member: "ana" };
const notSpawned: JournalFact = { type: "not-spawned", member: "ana", code: "no", message: "no" };

const launch = (id: string, ...facts: readonly JournalFact[]): KeptLaunch => ({
  id,
  entries: facts.map((fact): JournalEntry => ({ ...fact, at })),
});

/** Enough launches to make every earlier one old. */
const newer = Array.from({ length: keptLaunches }, (_, index) => launch(`new-${index}`, step, ended));

describe("of launches older than the newest 50", () => {
  test.for<{
    what: string;
    old: readonly KeptLaunch[];
    running?: readonly string[];
    gone: readonly string[];
  }>([
    { what: "one that has ended goes", old: [launch("a", step, ended)], gone: ["a"] },
    { what: "one without an end stays", old: [launch("a", step)], gone: [] },
    { what: "one whose journal was never whole goes", old: [launch("a")], gone: ["a"] },
    { what: "the team's last one stays", old: [launch("last", ended), launch("b", ended)], gone: ["b"] },
    {
      what: "the one that started a running agent stays, and an earlier one goes",
      old: [launch("a", spawning, ended), launch("b", spawning, ended), launch("c", ended)],
      running: ["ana"],
      gone: ["a", "c"],
    },
    {
      what: "one that could not start it goes",
      old: [launch("a", spawning, ended), launch("b", spawning, notSpawned, ended)],
      running: ["ana"],
      gone: ["b"],
    },
    { what: "one whose agent has ended goes", old: [launch("a", spawning, ended)], gone: ["a"] },
  ])("$what", ({ old, running = [], gone }) =>
    expect(outdated([...old, ...newer], { last: "last", running })).toEqual(gone),
  );

  test("the newest 50 stay", () => expect(outdated(newer, { last: null, running: [] })).toEqual([]));
});
