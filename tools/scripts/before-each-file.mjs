// Runs before each test file.
import { statSync } from "node:fs";
import fc from "fast-check";
import { expect, vi } from "vitest";

// After a synchronous stat of a pipe or a socket, Node 20.20.2 does not follow pnpm's links when it next loads a
// package (`loadNative` of fs-kit): an earlier file may have left that behind.
statSync("/");

// The gate draws no lots. `npm run soak` tries other cases each time, and prints the seed that repeats them.
const { GATEHOUSE_SOAK, GATEHOUSE_SEED, GATEHOUSE_RUNS } = process.env;
const isSoak = GATEHOUSE_SOAK === "1";
fc.configureGlobal({
  numRuns: Number(GATEHOUSE_RUNS ?? (isSoak ? 2_000 : 100)),
  seed: Number(GATEHOUSE_SEED ?? 1),
});

// A wait ends by a state. A busy machine may take long for it, so no limit is shorter than this. Tests name none.
const minLimitMs = 100_000;
const { waitFor, waitUntil } = vi;
if (waitFor.name !== "waitLonger") {
  vi.waitFor = function waitLonger(callback, options) {
    return waitFor(callback, longer(options));
  };
  vi.waitUntil = (callback, options) => waitUntil(callback, longer(options));
  const { poll } = expect;
  expect.poll = (callback, options) => poll(callback, longer(options));
}

function longer(options) {
  return { ...options, timeout: Math.max(options?.timeout ?? 0, minLimitMs) };
}
