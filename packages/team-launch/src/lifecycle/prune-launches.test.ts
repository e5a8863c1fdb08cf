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

/** The number of newer launches equals the number that is kept, so every earlier one is old. */
const newer = Array.from({ length: keptLaunches }, (_, index) => launch(`new-${index}`, step, ended));

describe("outdated, for launches older than the newest 50", () => {
  test.for<{
    what: string;
    old: readonly KeptLaunch[];
    running?: readonly string[];
    gone: readonly string[];
  }>([
    { what: "removes a launch that has ended", old: [launch("a", step, ended)], gone: ["a"] },
    { what: "keeps a launch without an end", old: [launch("a", step)], gone: [] },
    { what: "removes a launch without a complete journal entry", old: [launch("a")], gone: ["a"] },
    { what: "keeps the team's last launch", old: [launch("last", ended), launch("b", ended)], gone: ["b"] },
    {
      what: "keeps the launch that started a running agent, and removes an earlier one",
      old: [launch("a", spawning, ended), launch("b", spawning, ended), launch("c", ended)],
      running: ["ana"],
      gone: ["a", "c"],
    },
    {
      what: "removes a launch that failed to start the agent",
      old: [launch("a", spawning, ended), launch("b", spawning, notSpawned, ended)],
      running: ["ana"],
      gone: ["b"],
    },
    { what: "removes a launch whose agent has ended", old: [launch("a", spawning, ended)], gone: ["a"] },
  ])("$what", ({ old, running = [], gone }) =>
    expect(outdated([...old, ...newer], { last: "last", running })).toEqual(gone),
  );

  test("keeps the newest 50", () => expect(outdated(newer, { last: null, running: [] })).toEqual([]));
});
