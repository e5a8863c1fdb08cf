import type { Platform, WorkspacePaths } from "@trust/claude-state-probe";
import { describe, expect, test } from "vitest";
import { agentClis } from "./providers/agent-clis.ts";
import { keyVerdict, sortKeys } from "./trust-keys.ts";
import { explain } from "./verdict-messages.ts";

const homes = { linux: "/home/ada", darwin: "/Users/ada", win32: "C:\\Users\\ada" } as const;
type Row = { readonly platform: Platform; readonly key: string; readonly code: string | null };

/** A folder that is its own key. */
const verdict = (key: string, platform: Platform, home: string = homes[platform]): string | null =>
  keyVerdict(key, { real: key, gitRoot: null, home, doubt: null, readSoSince: null }, { platform })?.code ??
  null;

describe("keyVerdict", () => {
  test.for<Row>([
    { platform: "linux", key: "/home/ada", code: "home-not-persistable" },
    { platform: "linux", key: "/home", code: "root-refused" },
    { platform: "linux", key: "/", code: "root-refused" },
    { platform: "linux", key: "/Home", code: null },
    { platform: "linux", key: "/home/ad", code: null },
    { platform: "linux", key: "/home/ada/x", code: null },
    { platform: "darwin", key: "/Users/ada", code: "home-not-persistable" },
    { platform: "darwin", key: "/users/ADA", code: "home-not-persistable" },
    { platform: "darwin", key: "/Users", code: "root-refused" },
    { platform: "darwin", key: "/private/tmp/x", code: null },
    { platform: "win32", key: "C:\\Users\\ada", code: "home-not-persistable" },
    { platform: "win32", key: "c:/users/Ada", code: "home-not-persistable" },
    { platform: "win32", key: "C:/Users", code: "root-refused" },
    { platform: "win32", key: "c:\\", code: "root-refused" },
    { platform: "win32", key: "D:\\", code: "root-refused" },
    { platform: "win32", key: "\\\\nas\\work", code: "root-refused" },
    { platform: "win32", key: "\\\\nas\\work\\repo", code: null },
    { platform: "win32", key: "C:\\Users\\ad", code: null },
    { platform: "win32", key: "C:\\Users\\ada\\repo", code: null },
    { platform: "win32", key: "D:\\Users\\ada", code: null },
  ])("$platform: the key $key gives $code", ({ platform, key, code }) => {
    expect(verdict(key, platform)).toBe(code);
  });

  test("refuses a folder above a home on a share", () => {
    expect(verdict("//NAS/homes/staff", "win32", "\\\\nas\\homes\\staff\\ada")).toBe("root-refused");
  });

  test.each([
    { home: "/tmp/ada", code: "root-refused", key: "/tmp" },
    { home: "/tmp", code: "home-not-persistable", key: "/tmp" },
    { home: "/home/ada", code: "key-outside-folder", key: "/tmp" },
  ])(
    "names an empty .git above the folder, and the command that removes it: $code",
    ({ home, code, key }) => {
      const doubt = { code: "empty-git", place: "/tmp/.git", kind: "folder" } as const;
      const paths = { real: "/tmp/w", gitRoot: "/tmp", home, doubt, readSoSince: null };
      const verdict = keyVerdict(key, paths, { platform: "linux" }) ?? expect.fail("it is accepted");
      expect(verdict).toMatchObject({ code });
      const { message, fix } = explain(verdict, { workspace: "/tmp/w", cli: agentClis.claude });
      expect(message).toContain("/tmp/.git is empty and no git repository");
      expect(fix).toContain("rmdir /tmp/.git");
    },
  );

  test("accepts a folder's own key in Windows spelling", () => {
    const doubt = { code: "no-repository", place: "C:\\Repo\\.git" } as const;
    const paths = { real: "C:\\Repo", gitRoot: "C:\\Repo", home: homes.win32, doubt, readSoSince: null };
    expect(keyVerdict("C:/Repo", paths, { platform: "win32" })).toBeNull();
    expect(keyVerdict("C:/Other", paths, { platform: "win32" })).toMatchObject({
      code: "key-outside-folder",
    });
  });
});

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
  { key: "/link", isWider: true, why: "above the path as it was named" },
  { key: "/src", isWider: true, why: "above the main checkout" },
  { key: "/src/main/.git", isWider: true, why: "above what a pointer names" },
  { key: "/odd/place", isWider: true, why: "what a pointer names" },
  { key: "/odd", isWider: true, why: "above what a pointer names" },
  { key: "/work/wt/sub", isWider: false, why: "the folder itself" },
  { key: "/link/wt", isWider: false, why: "the folder, as it was named" },
  { key: "/work/w", isWider: false, why: "no folder above, only the same letters" },
  { key: "/work/wt/sub/deeper", isWider: false, why: "below the folder" },
  { key: "/work/wt/other", isWider: false, why: "beside the folder" },
  { key: "/home/ada", isWider: false, why: "unrelated to the folder" },
];

describe("sortKeys", () => {
  test.each(rows)("counts $key ($why) as wider: $isWider", ({ key, isWider }) => {
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
  ])("counts $key ($why) on Windows as wider: $isWider", ({ key, isWider }) => {
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
