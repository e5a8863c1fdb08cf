import { expect, test } from "vitest";
import { nextState, type Look } from "./next-state.ts";

const look: Look = {
  ...{ seen: "composer", text: "❯", state: "ready", wasReady: true },
  ...{ now: 10_000, changedAt: 9_000, goneSince: 9_000 },
};

test.each([
  { what: "a composer that stands", more: {}, next: { state: "ready" } },
  {
    what: "a composer below its work",
    more: { text: "✻ Thinking… (esc to interrupt)" },
    next: { state: "working" },
  },
  {
    what: "a composer of one that has just worked",
    more: { state: "working", changedAt: 9_900 },
    next: { again: 10_600 },
  },
  { what: "one that has worked, and rests", more: { state: "working" }, next: { state: "ready" } },
  {
    what: "nothing at the start",
    more: { seen: "nothing", state: "starting", wasReady: false },
    next: { state: "starting" },
  },
  { what: "nothing for a moment", more: { seen: "nothing", goneSince: 9_900 }, next: { again: 10_200 } },
  { what: "nothing after a composer", more: { seen: "nothing" }, next: { state: "working" } },
  {
    what: "work before any composer",
    more: { seen: "nothing", state: "starting", wasReady: false, text: "press esc to cancel" },
    next: { state: "working" },
  },
] satisfies readonly { what: string; more: Partial<Look>; next: object }[])("$what", ({ more, next }) =>
  expect(nextState({ ...look, ...more })).toEqual(next),
);
