import { describe, expect, test } from "vitest";
import type { PreflightReport, PreflightResult } from "@trust/preflight";
import { defaultFlags } from "../flags.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import { workspaceTrustPreflight } from "./workspace-trust-preflight.ts";

const result = (at: number, more: Partial<PreflightResult> = {}): PreflightResult => ({
  workspace: `/home/ada/${at}`,
  provider: "claude",
  cliVersion: "2.1.328",
  status: "trusted",
  code: "trusted",
  message: "It is trusted.",
  trustKey: null,
  via: "control",
  grants: [],
  durationMs: 532,
  timings: { lockWaitMs: 7, spawnToDialogMs: 0, decideMs: 0, commitMs: 0, settleMs: 0 },
  ...more,
});

const many = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const kept = (results: readonly PreflightResult[], { debug = false } = {}) => {
  const report: PreflightReport = { version: 1, ok: true, results };
  const redact = (text: string): string => text.replaceAll("ada", "***");
  return workspaceTrustPreflight(report, { attempt: 1, flags: { ...defaultFlags, debug }, redact });
};

const failed = {
  status: "failed",
  code: "timeout",
  message: "It took too long.",
  screen: "ada's screen",
} as const;

describe("the preflight in an artifact", () => {
  test("has the result of a folder in the seed's fields, redacted", () => {
    const { strategyResults } = kept([result(1, { dialogs: ["claude/trust"], keys: 2, via: "dialog" })]);
    expect(strategyResults).toEqual([
      {
        provider: "claude",
        workspace: "/home/***/1",
        workspaces: ["/home/***/1"],
        folders: [{ real: null, trustKey: null, members: [] }],
        status: "trusted",
        matchedDialogs: ["claude/trust"],
        actions: ["asked by dialog", "keys: 2"],
        elapsedMs: 532,
        lockWaitMs: 7,
        evidence: [],
        rawTailIncluded: false,
      },
    ]);
  });

  test("names each folder's real path, its key, and its members with their source", () => {
    const report = { version: 1, ok: true, results: [result(1, { trustKey: "/repos/ada" })] } as const;
    const workspace: Workspace = {
      id: "1",
      display: "/home/ada/1",
      real: "/repos/ada/1",
      configKey: "/repos/ada/1",
      gitRootKey: null,
      comparisonKey: "1",
      notPersistable: null,
      uses: [
        { source: "team-root", memberId: "ana", provider: "claude" },
        { source: "member-cwd", memberId: "bo", provider: "codex" },
        { source: "member-worktree", memberId: "cy", provider: "claude" },
      ],
    };
    const redact = (text: string): string => text.replaceAll("ada", "***");
    const options = { attempt: 1, flags: defaultFlags, redact, workspaces: [workspace] };
    expect(workspaceTrustPreflight(report, options).strategyResults[0]?.folders).toEqual([
      {
        real: "/repos/***/1",
        trustKey: "/repos/***",
        members: [
          { name: "ana", source: "team-root" },
          { name: "cy", source: "member-worktree" },
        ],
      },
    ]);
  });

  test("has 20 results, failures before successes, and counts the omitted ones", () => {
    const { strategyResults, omittedCounts } = kept([...many(25, (at) => result(at)), result(99, failed)]);
    expect(strategyResults).toHaveLength(20);
    expect(strategyResults[0]).toMatchObject({ workspace: "/home/***/99", status: "timeout" });
    expect(omittedCounts).toEqual({ strategyResults: 6, workspaces: 0, evidence: 0, cut: 0 });
  });

  test("combines folders that are passed at launch into one result with 20 folders", () => {
    const passed = {
      provider: "codex",
      status: "not-needed",
      code: "passed-at-launch",
      via: "launch",
    } as const;
    const { strategyResults, omittedCounts } = kept(many(23, (at) => result(at, passed)));
    expect(strategyResults).toHaveLength(1);
    expect(strategyResults[0]?.workspaces).toHaveLength(20);
    expect(omittedCounts.workspaces).toBe(3);
  });

  test("has at most 5 texts of 600 characters", () => {
    const diagnostics = many(8, () => ({ code: "repeated", message: "x".repeat(700) }) as const);
    const { strategyResults, omittedCounts } = kept([result(1, { diagnostics })]);
    expect(strategyResults[0]?.evidence.map((text) => text.length)).toEqual([600, 600, 600, 600, 600]);
    expect(omittedCounts).toMatchObject({ evidence: 3, cut: 5 });
  });

  test.for([
    { debug: true, more: failed, has: true },
    { debug: false, more: failed, has: false },
    { debug: true, more: { screen: "a screen" }, has: false },
  ])(
    "has a screen only of a failure, and only with debug on (debug $debug, screen $has)",
    ({ debug, more, has }) => {
      const [first] = kept([result(1, more)], { debug }).strategyResults;
      expect(first?.rawTailIncluded).toBe(has);
      expect(first?.rawTail).toBe(has ? "***'s screen" : undefined);
    },
  );

  test("has the last 8 KiB of a screen of any length, in whole rows", () => {
    const row = "─".repeat(40);
    const screen = many(400, (at) => `${at} ${row}`).join("\n");
    const tail = kept([result(1, { ...failed, screen })], { debug: true }).strategyResults[0]?.rawTail ?? "";
    const bytes = new TextEncoder().encode(tail).length;
    expect([bytes <= 8 * 1024, bytes > 8 * 1024 - 200]).toEqual([true, true]);
    expect(tail.split("\n").at(-1)).toBe(`399 ${row}`);
    expect(tail.split("\n")[0]).toMatch(/^\d+ ─{40}$/);
  });
});
