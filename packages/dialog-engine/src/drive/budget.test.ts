import { describe, expect, test } from "vitest";
import { createBudget, type Budget } from "./budget.ts";

type Row = {
  title: string;
  given: (budget: Budget) => void;
  at: number;
  expired: "phase" | "total" | null;
};

describe("createBudget", () => {
  const limits = { phaseMs: 100, totalMs: 250 };

  test.each<Row>([
    { title: "a phase is not over before its time", given: () => undefined, at: 1_099, expired: null },
    { title: "a phase is over at its time", given: () => undefined, at: 1_100, expired: "phase" },
    {
      title: "a next phase has its own time",
      given: (budget) => budget.nextPhase(1_090),
      at: 1_189,
      expired: null,
    },
    {
      title: "no phase lengthens the whole",
      given: (budget) => budget.nextPhase(1_240),
      at: 1_250,
      expired: "total",
    },
    {
      title: "nothing is over during a pause",
      given: (budget) => budget.pause(1_050),
      at: 9_000,
      expired: null,
    },
    {
      title: "after a pause what was left is left",
      given: (budget) => {
        budget.pause(1_050);
        budget.resume(9_050);
      },
      at: 9_099,
      expired: null,
    },
    {
      title: "after a pause the phase ends that much later",
      given: (budget) => {
        budget.pause(1_050);
        budget.resume(9_050);
      },
      at: 9_100,
      expired: "phase",
    },
    {
      title: "a phase that began during a pause begins with its end",
      given: (budget) => {
        budget.pause(1_050);
        budget.nextPhase(5_000);
        budget.resume(9_050);
      },
      at: 9_149,
      expired: null,
    },
    {
      title: "and has no more time than any other",
      given: (budget) => {
        budget.pause(1_050);
        budget.nextPhase(5_000);
        budget.resume(9_050);
      },
      at: 9_150,
      expired: "phase",
    },
  ])("$title", ({ given, at, expired }) => {
    const budget = createBudget(limits, 1_000);
    given(budget);
    expect(budget.expired(at)).toBe(expired);
  });

  test("says when to look again, and never while paused", () => {
    const budget = createBudget(limits, 1_000);
    expect(budget.deadline()).toBe(1_100);
    budget.nextPhase(1_200);
    expect(budget.deadline()).toBe(1_250);
    budget.pause(1_210);
    expect(budget.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  describe("with 300 ms for a blank screen", () => {
    const showsAt = (budget: Budget, at: number): void => budget.blank(false, at);
    test.each<Row>([
      { title: "a blank screen has them beside its phase", given: () => undefined, at: 1_399, expired: null },
      { title: "and no more", given: () => undefined, at: 1_400, expired: "phase" },
      {
        title: "a screen that shows something has what is left of its phase",
        given: (budget) => showsAt(budget, 1_200),
        at: 1_299,
        expired: null,
      },
      {
        title: "and no more",
        given: (budget) => showsAt(budget, 1_200),
        at: 1_300,
        expired: "phase",
      },
      {
        title: "a screen that is blank twice has them once",
        given: (budget) => {
          showsAt(budget, 1_200);
          budget.blank(true, 1_250);
        },
        at: 1_400,
        expired: "phase",
      },
      {
        title: "the whole run has them once",
        given: (budget) => {
          showsAt(budget, 1_300);
          budget.nextPhase(1_300);
          budget.nextPhase(1_400);
          budget.nextPhase(1_500);
        },
        at: 1_550,
        expired: "total",
      },
    ])("$title ($at)", ({ given, at, expired }) => {
      const budget = createBudget({ ...limits, blankMs: 300 }, 1_000);
      given(budget);
      expect(budget.expired(at)).toBe(expired);
      if (expired === null) expect(budget.deadline()).toBe(at + 1);
      else expect(budget.deadline()).toBe(at);
    });
  });
});
