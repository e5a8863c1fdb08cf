import type { WorkspacePaths } from "@trust/claude-state-probe";
import { describe, expect, test } from "vitest";
import { sortKeys } from "./stray-keys.ts";

const paths: WorkspacePaths = {
  given: "/link/wt",
  real: "/work/wt/sub",
  gitRoot: "/work/wt",
  mainRoot: "/src/main",
  pointed: ["/src/main/.git/worktrees/wt", "/odd/place"],
  doubt: null,
  readSoSince: null,
  home: "/home/ada",
};

const rows: readonly { key: string; isWider: boolean; why: string }[] = [
  { key: "/", isWider: true, why: "above everything" },
  { key: "/work", isWider: true, why: "above the folder" },
  { key: "/work/wt", isWider: true, why: "the git root" },
  { key: "/link", isWider: true, why: "above what was named" },
  { key: "/src", isWider: true, why: "above the main checkout" },
  { key: "/src/main/.git", isWider: true, why: "above what a pointer names" },
  { key: "/odd/place", isWider: true, why: "what a pointer names" },
  { key: "/odd", isWider: true, why: "above what a pointer names" },
  { key: "/work/wt/sub", isWider: false, why: "the folder itself" },
  { key: "/link/wt", isWider: false, why: "the folder, as it was named" },
  { key: "/work/w", isWider: false, why: "no folder above, only the same letters" },
  { key: "/work/wt/sub/deeper", isWider: false, why: "below the folder" },
  { key: "/work/wt/other", isWider: false, why: "beside the folder" },
  { key: "/home/ada", isWider: false, why: "nothing of the folder's" },
];

describe("sortKeys", () => {
  test.each(rows)("$key, $why: wider $isWider", ({ key, isWider }) => {
    const sorted = sortKeys([key], [paths], true, "linux");
    expect(sorted).toEqual(isWider ? { wider: [key], others: [] } : { wider: [], others: [key] });
  });

  test("counts every new key as wider if the planned key is missing, except the folder itself", () => {
    expect(sortKeys(["/srv/x", paths.real], [paths], false, "linux")).toEqual({
      wider: ["/srv/x"],
      others: [paths.real],
    });
  });

  test("checks every folder of the answer", () => {
    const other = { ...paths, given: "/b/c", real: "/b/c", gitRoot: null, mainRoot: null, pointed: [] };
    expect(sortKeys(["/b", "/c"], [paths, other], true, "linux")).toEqual({ wider: ["/b"], others: ["/c"] });
  });

  test.each([
    { key: "C:/Repo", isWider: false, why: "the folder, as Claude Code spells it" },
    { key: "C:\\Repo", isWider: false, why: "the folder, as the system spells it" },
    { key: "c:/", isWider: true, why: "the root above it" },
    { key: "C:/Rep", isWider: false, why: "only the same letters" },
    { key: "D:/", isWider: false, why: "another drive" },
  ])("on Windows $key, $why: wider $isWider", ({ key, isWider }) => {
    const folder = {
      ...paths,
      given: "C:\\Repo",
      real: "C:\\Repo",
      gitRoot: null,
      mainRoot: null,
      pointed: [],
    };
    expect(sortKeys([key], [folder], true, "win32").wider).toEqual(isWider ? [key] : []);
  });
});
