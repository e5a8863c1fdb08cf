import { expect, test } from "vitest";
import { measure } from "./measure.ts";
import type { Measurement } from "./measurement.ts";

const context = {
  quick: true,
  before: null,
  cli: { ok: false, error: "none is needed" },
  signal: new AbortController().signal,
} as const;

test.each([
  { what: "a run that throws", run: () => Promise.reject(new Error("a bug")), ends: "a bug" },
  { what: "a run that is done", run: async () => ({ ok: true, value: 1 }) as const, ends: "done" },
])("leaves nothing running behind $what", async ({ run, ends }) => {
  let running = 0;
  const measurement: Measurement = {
    name: "it",
    title: "It",
    unit: "ms",
    floor: "it",
    bounds: {},
    rounds: { full: 2, quick: 1 },
    prepare: async () => {
      running += 1;
      return {
        ok: true,
        value: { contenders: [{ name: "it", run }], dispose: async () => void (running -= 1) },
      };
    },
  };
  const { failed: ended = "done" } = await measure(measurement, context, () => {});
  expect({ ended, running }).toEqual({ ended: ends, running: 0 });
});
