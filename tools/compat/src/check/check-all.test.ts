import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Command } from "../args.ts";
import { providers } from "@gatehouse/provider-facts";
import { clis } from "../clis/clis.ts";
import { compareVersions } from "../clis/version.ts";
import { checkAll, onTarget, type Check, type Checks } from "./check-all.ts";

/** Node as the CLI: it prints a version, which is all that a CLI needs here. */
const command: Command = {
  verb: "check",
  targets: [{ type: "path", provider: "claude", path: process.execPath }],
  isDefault: false,
  scenarios: [],
  prune: false,
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

/** A scenario whose tries take this long (ms) and have these problems. */
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

test("a scenario that throws has failed with its message, and the next one still runs", async () => {
  const throwing: Check = { name: "a", run: () => Promise.reject(new Error("No card came.")) };
  const rows = await rowsOf(throwing, scenario("b", 1, []));
  expect(rows).toMatchObject([
    { outcome: "failed", problems: [expect.stringContaining("No card came.")] },
    { outcome: "passed" },
  ]);
});

test("a second try runs after all other scenarios, and keeps its place in the report", async () => {
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

test("the scenarios of several CLIs begin in order; a slow one does not delay other CLIs", async () => {
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

const [older = "", newest = ""] = clis.claude.versions.slice(-2);
const claude = (version: string) => ({ type: "version", provider: "claude", version }) as const;

test.each([
  { what: "on the newest", version: newest, beside: older, scenarios: [], isTried: true },
  { what: "on an older one beside it", version: older, beside: newest, scenarios: [], isTried: false },
  { what: "on an older one beside another", version: older, beside: "2.1.113", scenarios: [], isTried: true },
  { what: "on an older one if it is named", version: older, beside: newest, scenarios: ["a"], isTried: true },
])("a check for the newest version is tried $what: $isTried", ({ version, beside, scenarios, isTried }) => {
  const check: Check = { ...scenario("a", 1, []), triedOn: "newest" };
  const all = { ...command, scenarios, targets: [claude(version), claude(beside)] };
  expect(onTarget(check, claude(version), all).notOn?.(version) ?? null).toEqual(
    isTried ? null : `It is tried on claude@${newest} only. Name it to try it here.`,
  );
  expect(onTarget(scenario("a", 1, []), claude(version), all).notOn).toBeUndefined();
});

test.each([
  { what: "all", since: "2.1.113", tried: ["2.1.113", newest] },
  { what: "newer ones", since: "2.1.247", tried: ["2.1.247", newest] },
])("a check for both ends is tried on the oldest and the newest version, of $what", ({ since, tried }) => {
  const why = `It needs ${since}.`;
  const notOn = (version: string): string | null => (compareVersions(version, since) < 0 ? why : null);
  const check: Check = { ...scenario("a", 1, []), triedOn: "ends", notOn };
  const { versions } = clis.claude;
  const all = { ...command, targets: versions.map(claude) };
  const reasons = versions.map((version) => onTarget(check, claude(version), all).notOn?.(version));
  expect(versions.filter((_, at) => reasons[at] === null)).toEqual(tried);
  const named = tried.map((version) => `claude@${version}`).join(" and ");
  expect(new Set(reasons)).toEqual(
    new Set([
      ...(since === versions[0] ? [] : [why]),
      null,
      `It is tried on ${named} only. Name it to try it here.`,
    ]),
  );
});
