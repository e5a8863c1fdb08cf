import { describe, expect, test } from "vitest";
import { createBudget, type Budget } from "./budget.ts";

describe("createBudget", () => {
  const limits = { phaseMs: 100, totalMs: 250 };

  test.each<{
    title: string;
    given: (budget: Budget) => void;
    at: number;
    expired: "phase" | "total" | null;
  }>([
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
});
