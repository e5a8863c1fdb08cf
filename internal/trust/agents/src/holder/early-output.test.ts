import type { Terminal } from "@trust/dialog-engine";
import { expect, test } from "vitest";
import { keepEarlyOutput } from "./early-output.ts";

/** A terminal of which only the output is real. */
const terminal = () => {
  const listeners = new Set<(data: string) => void>();
  let pauses = 0;
  const made: Pick<Terminal, "onData" | "pause"> = {
    pause: () => {
      pauses += 1;
      return () => (pauses -= 1);
    },
    onData: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const prints = (data: string): void => listeners.forEach((listener) => listener(data));
  return { made: made as Terminal, prints, listeners, isPaused: () => pauses > 0 };
};

test("a program's first listener gets all earlier output in order, and then all later output", () => {
  const { made, prints, listeners } = terminal();
  const kept = keepEarlyOutput(made);
  for (const text of ["a", "b"]) prints(text);
  const [first, second]: [string[], string[]] = [[], []];
  const stop = kept.onData((data) => first.push(data));
  kept.onData((data) => second.push(data));
  prints("c");
  stop();
  prints("d");
  expect({ first, second }).toEqual({ first: ["a", "b", "c"], second: ["c", "d"] });
  expect(listeners.size).toBe(1);
});

test("a program that prints much before the first listener is paused until there is one", () => {
  const { made, prints, isPaused } = terminal();
  const kept = keepEarlyOutput(made);
  prints("a".repeat(60_000));
  expect(isPaused()).toBe(false);
  prints("b".repeat(60_000));
  prints("c");
  expect(isPaused()).toBe(true);
  const seen: string[] = [];
  kept.onData((data) => seen.push(data));
  expect(isPaused()).toBe(false);
  expect(seen.join("")).toHaveLength(120_001);
});
