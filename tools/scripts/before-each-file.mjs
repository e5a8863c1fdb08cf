// Runs before each test file.
import { statSync } from "node:fs";
import { vi } from "vitest";

// After a synchronous stat of a pipe or a socket, Node 20.20.2 does not follow pnpm's links when it next loads a
// package (`loadNative` of fs-kit): an earlier file may have left that behind.
statSync("/");

// A state may take seconds on a busy machine; vitest waits 1 s for it. A worker runs many files with one `vi`.
const mostMs = 15_000;
const { waitFor } = vi;
if (waitFor.name !== "waitLonger")
  vi.waitFor = function waitLonger(callback, options) {
    const own = typeof options === "number" ? { timeout: options } : options;
    return waitFor(callback, { timeout: mostMs, ...own });
  };
