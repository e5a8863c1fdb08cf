import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Grant } from "./grants-from.ts";
import { judgeTrust, type TrustFacts } from "./judge-trust.ts";
import type { TrustCode, TrustProbe } from "./trust-probe.ts";
import { trustKey, type WorkspacePaths } from "./workspace-paths.ts";

const file = "/home/u/.claude.json";
const accepted = (...keys: string[]): TrustFacts["projects"] =>
  Object.fromEntries(keys.map((key) => [key, { hasTrustDialogAccepted: true }]));

const at = (real: string, more: Partial<WorkspacePaths> = {}): WorkspacePaths => ({
  given: real,
  real,
  gitRoot: null,
  mainRoot: null,
  pointed: [],
  doubt: null,
  readSoSince: null,
  home: "/home/u",
  ...more,
});
const plain = at("/w/plain");
const repo = at("/w/repo", { gitRoot: "/w/repo", mainRoot: "/w/repo" });
const inRepo = at("/w/repo/a/b", { gitRoot: "/w/repo", mainRoot: "/w/repo" });
const nested = at("/w/repo/in", { gitRoot: "/w/repo/in", mainRoot: "/w/repo/in" });
const worktree = at("/t/tree", { gitRoot: "/t/tree", mainRoot: "/w/repo" });
const inWorktree = at("/t/tree/a", { gitRoot: "/t/tree", mainRoot: "/w/repo" });
const innerWorktree = at("/w/repo/.t/tree", { gitRoot: "/w/repo/.t/tree", mainRoot: "/w/repo" });
const dotfiles = at("/home/u/p", { gitRoot: "/home/u", mainRoot: "/home/u" });

type Row = {
  what: string;
  paths: WorkspacePaths;
  keys?: string[];
  cliVersion?: string;
  code: TrustCode;
  /** Default: the key that Claude Code would write. */
  key?: string | null;
};

const trusted: TrustCode[] = ["own-key", "git-root-key", "main-root-key", "covered-by-parent"];
const stateOf = (code: TrustCode): TrustProbe["state"] => (trusted.includes(code) ? "trusted" : "untrusted");

const probe = ({ paths, keys = [], cliVersion }: Row, more: Partial<TrustFacts> = {}) =>
  judgeTrust({ projects: accepted(...keys), paths, grants: [], file, cliVersion, ...more });

describe("judgeTrust, without a version or from 2.1.232 on", () => {
  test.each<Row>([
    { what: "plain folder, no key", paths: plain, code: "no-key" },
    { what: "plain folder, its own key", paths: plain, keys: ["/w/plain"], code: "own-key" },
    {
      what: "plain folder, a key above",
      paths: at("/w/plain/x/y"),
      keys: ["/w"],
      code: "covered-by-parent",
      key: "/w",
    },
    {
      what: "plain folder, two keys above: the nearest counts",
      paths: at("/w/plain/x"),
      keys: ["/", "/w/plain"],
      code: "covered-by-parent",
      key: "/w/plain",
    },
    { what: "plain folder, a key below", paths: plain, keys: ["/w/plain/x"], code: "no-key" },
    {
      what: "plain folder, a key whose path is a prefix of its path",
      paths: plain,
      keys: ["/w/pla"],
      code: "no-key",
    },
    { what: "plain folder, key /", paths: plain, keys: ["/"], code: "covered-by-parent", key: "/" },
    { what: "the root, no key", paths: at("/"), code: "no-key" },
    { what: "repository, its own key", paths: repo, keys: ["/w/repo"], code: "own-key" },
    { what: "repository, key /", paths: repo, keys: ["/"], code: "parent-stops-at-git-root" },
    {
      what: "repository, a plain folder's key above",
      paths: repo,
      keys: ["/w"],
      code: "parent-stops-at-git-root",
    },
    { what: "sub-folder, the repository's key", paths: inRepo, keys: ["/w/repo"], code: "git-root-key" },
    {
      what: "sub-folder, its own key",
      paths: inRepo,
      keys: ["/w/repo/a/b"],
      code: "own-key",
      key: "/w/repo/a/b",
    },
    {
      what: "sub-folder, a key between",
      paths: inRepo,
      keys: ["/w/repo/a"],
      code: "covered-by-parent",
      key: "/w/repo/a",
    },
    {
      what: "sub-folder, a key above the repository",
      paths: inRepo,
      keys: ["/w"],
      code: "parent-stops-at-git-root",
    },
    { what: "repository, only a sub-folder's key", paths: repo, keys: ["/w/repo/a"], code: "no-key" },
    {
      what: "nested repository or submodule, the outer key",
      paths: nested,
      keys: ["/w/repo"],
      code: "parent-stops-at-git-root",
    },
    {
      what: "nested repository or submodule, its own key",
      paths: nested,
      keys: ["/w/repo/in"],
      code: "own-key",
    },
    { what: "worktree, no key", paths: worktree, code: "no-key" },
    { what: "worktree, the main checkout's key", paths: worktree, keys: ["/w/repo"], code: "main-root-key" },
    { what: "worktree, its own key", paths: worktree, keys: ["/t/tree"], code: "own-key", key: "/t/tree" },
    { what: "worktree, both keys", paths: worktree, keys: ["/t/tree", "/w/repo"], code: "main-root-key" },
    { what: "worktree, a key above it", paths: worktree, keys: ["/t"], code: "parent-stops-at-git-root" },
    { what: "worktree, a key above its main checkout", paths: worktree, keys: ["/w"], code: "no-key" },
    {
      what: "worktree's sub-folder, the main checkout's key",
      paths: inWorktree,
      keys: ["/w/repo"],
      code: "main-root-key",
    },
    {
      what: "worktree's sub-folder, the worktree's key",
      paths: inWorktree,
      keys: ["/t/tree"],
      code: "git-root-key",
      key: "/t/tree",
    },
    {
      what: "worktree inside its main checkout",
      paths: innerWorktree,
      keys: ["/w/repo"],
      code: "main-root-key",
    },
    { what: "home, no key", paths: at("/home/u"), code: "home-not-persisted", key: null },
    { what: "home, a key written by hand", paths: at("/home/u"), keys: ["/home/u"], code: "own-key" },
    {
      what: "home, a key above",
      paths: at("/home/u"),
      keys: ["/home"],
      code: "covered-by-parent",
      key: "/home",
    },
    {
      what: "below home, home's key",
      paths: at("/home/u/p"),
      keys: ["/home/u"],
      code: "covered-by-parent",
      key: "/home/u",
    },
    { what: "dotfiles repository's sub-folder", paths: dotfiles, code: "no-key" },
    {
      what: "symlink, the link's key",
      paths: at("/w/plain", { given: "/l" }),
      keys: ["/l"],
      code: "only-symlink-key",
    },
    {
      what: "symlink, the real path's key",
      paths: at("/w/plain", { given: "/l" }),
      keys: ["/w/plain"],
      code: "own-key",
    },
    { what: "a key that ends with a separator", paths: plain, keys: ["/w/plain/"], code: "no-key" },
    { what: "a key in other case", paths: plain, keys: ["/W/Plain"], code: "no-key" },
  ])("$what: $code", (row) => {
    const { code, key = trustKey(row.paths) } = row;
    expect(probe(row)).toMatchObject({ state: stateOf(code), code, key, file });
    expect(probe({ ...row, cliVersion: "2.1.328" })).toEqual(probe(row));
    expect(probe({ ...row, cliVersion: "2.1.232" })).toEqual(probe(row));
  });
});

describe("judgeTrust, older versions", () => {
  test.each<Row & { cliVersion: string }>([
    {
      what: "repository, key / ",
      cliVersion: "2.1.231",
      paths: repo,
      keys: ["/"],
      code: "covered-by-parent",
      key: "/",
    },
    {
      what: "repository, a plain folder's key above",
      cliVersion: "2.1.231",
      paths: repo,
      keys: ["/w"],
      code: "covered-by-parent",
      key: "/w",
    },
    {
      what: "nested repository, the outer key",
      cliVersion: "2.1.231",
      paths: nested,
      keys: ["/w/repo"],
      code: "covered-by-parent",
      key: "/w/repo",
    },
    {
      what: "worktree, a key above it",
      cliVersion: "2.1.231",
      paths: worktree,
      keys: ["/t"],
      code: "covered-by-parent",
      key: "/t",
    },
    {
      what: "worktree, a key above its main checkout",
      cliVersion: "2.1.231",
      paths: worktree,
      keys: ["/w"],
      code: "no-key",
    },
    {
      what: "worktree, the main checkout's key",
      cliVersion: "2.1.63",
      paths: worktree,
      keys: ["/w/repo"],
      code: "main-root-key",
    },
    {
      what: "worktree, the main checkout's key",
      cliVersion: "2.1.62",
      paths: worktree,
      keys: ["/w/repo"],
      code: "no-key",
    },
    {
      what: "worktree, its own key",
      cliVersion: "2.1.62",
      paths: worktree,
      keys: ["/t/tree"],
      code: "own-key",
    },
    {
      what: "worktree inside its main checkout",
      cliVersion: "1.0.128",
      paths: innerWorktree,
      keys: ["/w/repo"],
      code: "covered-by-parent",
      key: "/w/repo",
    },
  ])("$cliVersion, $what: $code", (row) => {
    const { code, key = trustKey(row.paths, row.cliVersion) } = row;
    expect(probe(row)).toMatchObject({ state: stateOf(code), code, key });
  });
});

describe("judgeTrust, a folder whose settings pre-approve permissions", () => {
  const grant = (kind: Grant["kind"], name: string): Grant => ({ kind, name: "x", file: name });
  const settings = "/t/tree/.claude/settings.json";
  const local = "/t/tree/.claude/settings.local.json";
  const own: Row = { what: "", paths: worktree, keys: ["/t/tree"], code: "own-key" };

  test.each<{ what: string; row?: Partial<Row>; grant: Grant; code: string }>([
    { what: "an allow rule", grant: grant("permission", settings), code: "permissions-need-own-key" },
    { what: "an extra folder", grant: grant("directory", settings), code: "permissions-need-own-key" },
    {
      what: "an allow rule, 2.1.200",
      row: { cliVersion: "2.1.200" },
      grant: grant("permission", settings),
      code: "permissions-need-own-key",
    },
    {
      what: "an allow rule, 2.1.199",
      row: { cliVersion: "2.1.199" },
      grant: grant("permission", settings),
      code: "own-key",
    },
    {
      what: "an allow rule, the main checkout's key",
      row: { keys: ["/w/repo"] },
      grant: grant("permission", settings),
      code: "main-root-key",
    },
    {
      what: "an allow rule of the main checkout's settings",
      grant: grant("permission", "/w/repo/.claude/settings.json"),
      code: "own-key",
    },
    {
      what: "an allow rule of local settings in a repository",
      grant: grant("permission", local),
      code: "permissions-need-own-key",
    },
    {
      what: "an allow rule of local settings outside one",
      row: { paths: at("/t/tree"), keys: ["/t"] },
      grant: grant("permission", local),
      code: "covered-by-parent",
    },
    {
      what: "an allow rule, a key above",
      row: { paths: at("/t/tree"), keys: ["/t"] },
      grant: grant("permission", settings),
      code: "permissions-need-own-key",
    },
    {
      what: "an allow rule, home",
      row: { paths: at("/home/u"), keys: ["/home"] },
      grant: grant("permission", "/home/u/.claude/settings.json"),
      code: "covered-by-parent",
    },
    { what: "a hook", grant: grant("hook", settings), code: "own-key" },
    { what: "a variable", grant: grant("env", settings), code: "own-key" },
    { what: "a default mode", grant: grant("default-mode", settings), code: "own-key" },
    { what: "an unreadable file", grant: grant("unreadable", settings), code: "own-key" },
  ])("$what: $code", ({ row, grant, code }) => {
    expect(probe({ ...own, ...row }, { grants: [grant] }).code).toBe(code);
  });
});

describe("judgeTrust, a recorded entry", () => {
  test.each<{ what: string; entry: unknown; state: string }>([
    { what: "true", entry: { hasTrustDialogAccepted: true }, state: "trusted" },
    { what: "false", entry: { hasTrustDialogAccepted: false }, state: "untrusted" },
    { what: "a text", entry: { hasTrustDialogAccepted: "true" }, state: "untrusted" },
    { what: "another field", entry: { allowedTools: [] }, state: "untrusted" },
    { what: "a boolean instead of an object", entry: true, state: "untrusted" },
    { what: "null", entry: null, state: "untrusted" },
  ])("$what: $state", ({ entry, state }) => {
    expect(judgeTrust({ projects: { "/w/plain": entry }, paths: plain, grants: [], file }).state).toBe(state);
  });

  test("in an object's prototype does not count", () => {
    const projects = Object.create(accepted("/w/plain")) as TrustFacts["projects"];
    expect(judgeTrust({ projects, paths: plain, grants: [], file }).state).toBe("untrusted");
  });

  test("does not count if the caller says that Claude Code ignores it", () => {
    const facts = { projects: accepted("/w/plain"), paths: plain, grants: [], file };
    expect(judgeTrust({ ...facts, ignorePersistedTrust: true })).toMatchObject({
      state: "unknown",
      code: "persisted-trust-ignored",
      key: "/w/plain",
    });
  });
});

describe("judgeTrust, other platforms", () => {
  const windows = (real: string) => at(real, { home: "C:\\Users\\u" });

  test.each<{ what: string; real: string; stored: string; code: string }>([
    { what: "separators", real: "C:\\Work\\Repo", stored: "C:/Work/Repo", code: "own-key" },
    { what: "a key above", real: "C:\\Work\\Repo", stored: "C:/Work", code: "covered-by-parent" },
    { what: "a drive's root", real: "C:\\Work\\Repo", stored: "C:/", code: "covered-by-parent" },
    { what: "another drive", real: "C:\\Work", stored: "D:/Work", code: "no-key" },
    { what: "the drive in lower case", real: "C:\\Work", stored: "c:/Work", code: "key-spelled-otherwise" },
    { what: "backslashes in the key", real: "C:\\Work", stored: "C:\\Work", code: "key-spelled-otherwise" },
    { what: "a share", real: "\\\\host\\share\\x", stored: "//host/share/x", code: "own-key" },
    {
      what: "a share's root",
      real: "\\\\host\\share\\x",
      stored: "//host/share/",
      code: "covered-by-parent",
    },
  ])("Windows, $what: $code", ({ real, stored, code }) => {
    const facts = { projects: accepted(stored), paths: windows(real), grants: [], file };
    expect(judgeTrust({ ...facts, platform: "win32" }).code).toBe(code);
  });

  test("keys are in NFC on macOS, and unchanged on Linux", () => {
    const facts = { projects: accepted("/w/caf\u00e9"), paths: at("/w/cafe\u0301"), grants: [], file };
    expect(judgeTrust({ ...facts, platform: "darwin" }).code).toBe("own-key");
    expect(judgeTrust({ ...facts, platform: "linux" }).code).toBe("no-key");
  });
});

describe("judgeTrust, for any repository", () => {
  const folder = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 });
  const path = (names: readonly string[]) => `/${names.join("/")}`;

  test("trust above the repository does not reach into it, except with 2.1.231 and older", () => {
    fc.assert(
      fc.property(folder, fc.nat(4), fc.nat(4), (names, rootDepth, keyDepth) => {
        const root = path(names.slice(0, rootDepth));
        const key = path(names.slice(0, keyDepth));
        const paths = at(path(names), { gitRoot: root, mainRoot: root, home: "/home/u" });
        const facts = { projects: accepted(key), paths, grants: [], file };
        expect(judgeTrust(facts).state === "trusted").toBe(key.length >= root.length);
        expect(judgeTrust({ ...facts, cliVersion: "2.1.231" }).state).toBe("trusted");
      }),
    );
  });

  test("the answer names an accepted key if trusted, else the key that would make the folder trusted", () => {
    fc.assert(
      fc.property(folder, fc.nat(4), fc.array(folder, { maxLength: 3 }), (names, rootDepth, keys) => {
        const root = path(names.slice(0, rootDepth));
        const paths = at(path(names), { gitRoot: root, mainRoot: root });
        const facts = { projects: accepted(...keys.map(path)), paths, grants: [], file };
        const { state, key } = judgeTrust(facts);
        if (state === "trusted") expect(keys.map(path)).toContain(key);
        else expect(judgeTrust({ ...facts, projects: accepted(key!) }).state).toBe("trusted");
      }),
    );
  });
});
