import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Command } from "../args.ts";
import { providers } from "../clis/clis.ts";
import { checkAll, type Check, type Checks } from "./check-all.ts";

/** Node itself says a version, which is all that is asked of a CLI here. */
const command: Command = {
  verb: "check",
  targets: [{ type: "path", provider: "claude", path: process.execPath }],
  isDefault: false,
  scenarios: [],
  gate: false,
  prune: false,
  json: false,
  results: null,
};
const watch = {
  cache: "",
  signal: new AbortController().signal,
  onScenario: () => {},
  onInstall: () => ({ onBytes: () => {}, end: () => {} }),
};

const none = Object.fromEntries(providers.map((provider) => [provider, []])) as unknown as Checks;

beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => vi.useRealTimers());

/** A scenario whose tries take so long (ms) and have these problems. */
const scenario = (name: string, ms: number, ...tries: readonly string[][]): Check & { tried: number } => {
  const check = {
    name,
    tried: 0,
    run: () => {
      vi.advanceTimersByTime(ms);
      return Promise.resolve(tries[check.tried++] ?? ["tried too often"]);
    },
  };
  return check;
};

const rowsOf = (...checks: readonly Check[]) => checkAll(command, { ...none, claude: checks }, watch);

test.each([
  { what: "passes its second try", ms: 20_000, tries: [["timeout"], []], outcome: "passed", tried: 2 },
  { what: "fails again", ms: 20_000, tries: [["timeout"], ["timeout"]], outcome: "failed", tried: 2 },
  {
    what: "fails at once, and is not tried again",
    ms: 2_000,
    tries: [["key"], []],
    outcome: "failed",
    tried: 1,
  },
  { what: "passes slowly", ms: 20_000, tries: [[], []], outcome: "passed", tried: 1 },
] as const)("a scenario that $what", async ({ ms, tries, outcome, tried }) => {
  const check = scenario("a", ms, ...tries.map((problems) => [...problems]));
  const [row] = await rowsOf(check);
  expect(row).toMatchObject({ outcome });
  expect(check.tried).toBe(tried);
  expect(row?.earlier).toEqual(tried === 2 ? ["timeout"] : undefined);
});

test("what is tried again is tried after all others, and keeps its place", async () => {
  const order: string[] = [];
  const noted = (check: Check): Check => ({
    ...check,
    run: (...args) => {
      order.push(check.name);
      return check.run(...args);
    },
  });
  const rows = await rowsOf(
    noted(scenario("slow", 20_000, ["timeout"], [])),
    noted(scenario("b", 1, [])),
    noted(scenario("c", 1, [])),
  );
  expect(order).toEqual(["slow", "b", "c", "slow"]);
  expect(rows.map((row) => row.scenario)).toEqual(["slow", "b", "c"]);
});

test("the scenarios of several CLIs begin in order; one that is slow holds up no other CLI", async () => {
  const target = command.targets[0];
  const two = { ...command, targets: target === undefined ? [] : [target, target] };
  const begun: string[] = [];
  let othersHaveEnded = (): void => {};
  const others = new Promise<void>((resolve) => (othersHaveEnded = resolve));
  const slow: Check = {
    name: "slow",
    run: async () => {
      begun.push("slow");
      if (begun.length === 1) await others;
      return [];
    },
  };
  const quick: Check = {
    name: "quick",
    run: async () => {
      begun.push("quick");
      if (begun.length === 4) othersHaveEnded();
      return Promise.resolve([]);
    },
  };
  const rows = await checkAll(two, { ...none, claude: [slow, quick] }, watch);
  expect(begun).toEqual(["slow", "quick", "slow", "quick"]);
  expect(rows.map(({ scenario: name, outcome }) => [name, outcome])).toEqual(
    begun.map((name) => [name, "passed"]),
  );
});
