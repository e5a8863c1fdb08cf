import { expect, test } from "vitest";
import { nextState, type ScreenReading } from "./next-state.ts";

const reading: ScreenReading = {
  seen: "composer",
  text: "❯",
  state: "ready",
  wasReady: true,
  now: 10_000,
  changedAt: 9_000,
  goneSince: 9_000,
};

test.each([
  { what: "says ready for a composer", more: {}, next: { state: "ready" } },
  {
    what: "says working for a composer below an agent's work",
    more: { text: "✻ Thinking… (esc to interrupt)" },
    next: { state: "working" },
  },
  {
    what: "waits before it says ready after work",
    more: { state: "working", changedAt: 9_900 },
    next: { again: 10_600 },
  },
  {
    what: "says ready for a composer that rests after work",
    more: { state: "working" },
    next: { state: "ready" },
  },
  {
    what: "says starting for an empty screen at the start",
    more: { seen: "nothing", state: "starting", wasReady: false },
    next: { state: "starting" },
  },
  {
    what: "waits if the composer is gone for a moment",
    more: { seen: "nothing", goneSince: 9_900 },
    next: { again: 10_200 },
  },
  { what: "says working if the composer is gone", more: { seen: "nothing" }, next: { state: "working" } },
  {
    what: "says working for work before the first composer",
    more: { seen: "nothing", state: "starting", wasReady: false, text: "press esc to cancel" },
    next: { state: "working" },
  },
] satisfies readonly { what: string; more: Partial<ScreenReading>; next: object }[])(
  "nextState $what",
  ({ more, next }) => expect(nextState({ ...reading, ...more })).toEqual(next),
);
