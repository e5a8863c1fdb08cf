import { expect, test } from "vitest";
import { defaultFlags, type LaunchFlags } from "./flags.ts";
import { trustPolicy, type TrustPolicy } from "./trust-policy.ts";

const usual: TrustPolicy = {
  leaves: [],
  retries: 0,
  locks: "between-processes",
  keepsScreen: false,
};

test.each<{ what: string; flags: Partial<LaunchFlags>; changes: Partial<TrustPolicy> }>([
  { what: "the defaults", flags: {}, changes: {} },
  { what: "preflight off, which the scope handles", flags: { preflight: false }, changes: {} },
  { what: "Codex settings off", flags: { codexSettings: false }, changes: { leaves: ["codex"] } },
  {
    what: "Claude's PTY off, which also turns off its control protocol",
    flags: { claudePty: false },
    changes: { leaves: ["claude"] },
  },
  {
    what: "unprotected Claude on, which has no effect",
    flags: { allowUnprotectedClaude: true },
    changes: {},
  },
  { what: "retry on", flags: { retry: true }, changes: { retries: 1 } },
  {
    what: "retry on without preflight",
    flags: { retry: true, preflight: false },
    changes: {},
  },
  { what: "file lock off", flags: { fileLock: false }, changes: { locks: "this-process" } },
  { what: "debug on", flags: { debug: true }, changes: { keepsScreen: true } },
])("trustPolicy follows the flags: $what", ({ flags, changes }) =>
  expect(trustPolicy({ ...defaultFlags, ...flags })).toEqual({ ...usual, ...changes }),
);
