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
    { title: "does not expire before the phase limit", given: () => undefined, at: 1_099, expired: null },
    { title: "expires at the phase limit", given: () => undefined, at: 1_100, expired: "phase" },
    {
      title: "gives the next phase its own limit",
      given: (budget) => budget.nextPhase(1_090),
      at: 1_189,
      expired: null,
    },
    {
      title: "keeps the total limit in a later phase",
      given: (budget) => budget.nextPhase(1_240),
      at: 1_250,
      expired: "total",
    },
    {
      title: "does not expire during a pause",
      given: (budget) => budget.pause(1_050),
      at: 9_000,
      expired: null,
    },
    {
      title: "keeps the remaining time of the phase over a pause",
      given: (budget) => {
        budget.pause(1_050);
        budget.resume(9_050);
      },
      at: 9_099,
      expired: null,
    },
    {
      title: "moves the end of the phase by the length of a pause",
      given: (budget) => {
        budget.pause(1_050);
        budget.resume(9_050);
      },
      at: 9_100,
      expired: "phase",
    },
    {
      title: "starts a phase that begins during a pause when the pause ends",
      given: (budget) => {
        budget.pause(1_050);
        budget.nextPhase(5_000);
        budget.resume(9_050);
      },
      at: 9_149,
      expired: null,
    },
    {
      title: "expires at the limit of a phase that began during a pause",
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

  test("returns the next deadline, and none while paused", () => {
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
      {
        title: "does not expire while the blank time lasts",
        given: () => undefined,
        at: 1_399,
        expired: null,
      },
      {
        title: "expires when the blank time is used up",
        given: () => undefined,
        at: 1_400,
        expired: "phase",
      },
      {
        title: "keeps the remaining phase time when the screen shows text",
        given: (budget) => showsAt(budget, 1_200),
        at: 1_299,
        expired: null,
      },
      {
        title: "expires at the end of the remaining phase time",
        given: (budget) => showsAt(budget, 1_200),
        at: 1_300,
        expired: "phase",
      },
      {
        title: "does not grant the blank time again to a screen that is blank twice",
        given: (budget) => {
          showsAt(budget, 1_200);
          budget.blank(true, 1_250);
        },
        at: 1_400,
        expired: "phase",
      },
      {
        title: "adds the blank time to the total limit once",
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
