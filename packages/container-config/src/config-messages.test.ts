import { describe, expect, test } from "vitest";
import { explain, explainBackfill, type Problem } from "./config-messages.ts";

describe("explain", () => {
  const problems: readonly Problem[] = [
    { code: "invalid-config", problems: [{ path: "model", problem: "is empty" }] },
    {
      code: "unreadable-configuration",
      groupId: "ag-1",
      problems: [{ path: "skills", problem: "is no JSON" }],
    },
    { code: "no-configuration", groupId: "ag-1" },
    { code: "configuration-exists", groupId: "ag-1" },
    { code: "generation-conflict", groupId: "ag-1", expected: 1, current: 2 },
    { code: "no-such-generation", groupId: "ag-1", generation: 9, current: 2 },
    { code: "no-such-entry", field: "packages_apt", entry: "jq", known: [] },
    { code: "no-such-entry", field: "packages_apt", entry: "jq", known: ["rg"] },
    { code: "entry-exists", field: "additional_mounts", entry: "/workspace/extra/a" },
    { code: "not-a-group-folder", folder: "../x", detail: "EINVAL" },
    { code: "file-unwritable", file: "/g/container.json", detail: "ENOSPC" },
    { code: "taken-over", file: "/g/container.json" },
    { code: "database-unusable", file: "/d/gatehouse.db", detail: "14" },
    { code: "not-a-database", file: "/d/gatehouse.db" },
  ];
  test.each(problems)("writes sentences for $code, without the code", (problem) => {
    const text = explain(problem);
    expect(text).toMatch(/^[^ ].*\.$/);
    expect(text).not.toContain(problem.code);
    expect(text).not.toContain("undefined");
  });
});

describe("explainBackfill", () => {
  const group = {
    groupId: "ag-1",
    folder: "notes",
    from: "file",
    scope: "group",
    inDoubt: false,
    capped: false,
    ignored: [],
    refused: [],
    reach: [],
    left: [],
  } as const;
  test("is empty if there was no problem", () => {
    expect(explainBackfill({ backfilled: [group], broken: [] })).toEqual([]);
  });

  test("names the command that widens a kept scope", () =>
    expect(explainBackfill({ backfilled: [{ ...group, capped: true }], broken: [] })).toEqual([
      expect.stringMatching(/keeps the CLI scope group.*ncl groups config update ag-1 --cli-scope global$/),
    ]));

  test("has a line for each broken file, each doubtful scope, and each file with unknown keys", () => {
    const lines = explainBackfill({
      backfilled: [{ ...group, inDoubt: true, ignored: ["codeMode"] }],
      broken: [{ groupId: "ag-2", folder: "old", problems: [{ path: "skills", problem: "is no list" }] }],
    });
    expect(lines).toEqual([
      expect.stringContaining(
        "old (ag-2) has no configuration yet, its container.json is left as it is. skills is no list.",
      ),
      expect.stringContaining("ncl groups config update ag-1 --cli-scope global"),
      expect.stringContaining("keys that mean nothing here: codeMode"),
    ]);
  });
});
