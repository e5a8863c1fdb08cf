import { describe, expect, test } from "vitest";
import {
  comparable,
  folderProblem,
  withoutTrailingSeparators,
  type FolderProblem,
  type Platform,
} from "./folder-rules.ts";
import { limits } from "./limits.ts";

const homes: Readonly<Record<Platform, readonly string[]>> = {
  linux: ["/home/ada", "/data/homes/ada/"],
  darwin: ["/Users/Ada"],
  win32: ["C:\\Users\\Ada"],
};

type Row = { what: string; folder: string; platform?: Platform; problem: FolderProblem | null };

const problemOf = ({ folder, platform = "linux" }: Row) =>
  folderProblem(folder, { platform, homes: homes[platform] });

describe("a folder may be trusted", () => {
  test.each<Row>([
    { what: "below home", folder: "/home/ada/work", problem: null },
    { what: "beside home", folder: "/home/adam", problem: null },
    { what: "whose path is a prefix of home", folder: "/home/ad", problem: null },
    { what: "outside home", folder: "/srv/repo", problem: null },
    { what: "directly below the root", folder: "/work", problem: null },
    { what: "with dots in its name", folder: "/work/my app.v2/...", problem: null },
    { what: "hidden", folder: "/work/.config", problem: null },
    { what: "with quotes, brackets and a backslash", folder: "/work/\"a\" [b] 'c' \\", problem: null },
    { what: "with characters beyond ASCII", folder: "/work/größe/日本/👩‍💻", problem: null },
    { what: "with an = and a # in it", folder: "/work/a=b#c", problem: null },
    { what: "with a Windows name, on Linux", folder: "/work/C:\\x. ", problem: null },
    { what: "on a drive", folder: "C:\\work\\my app.v2", platform: "win32", problem: null },
    { what: "on a drive, with slashes", folder: "c:/work/repo", platform: "win32", problem: null },
    { what: "on a share", folder: "\\\\host\\share\\repo", platform: "win32", problem: null },
    { what: "on a share, with slashes", folder: "//host/share/repo", platform: "win32", problem: null },
    { what: "below home on Windows", folder: "C:\\Users\\Ada\\work", platform: "win32", problem: null },
    { what: "with the maximum length", folder: `/${"x".repeat(limits.folderBytes - 1)}`, problem: null },
  ])("$what", (row) => expect(problemOf(row)).toBe(null));
});

describe("a folder is refused", () => {
  test.each<Row>([
    { what: "an empty text", folder: "", problem: "relative-path" },
    { what: "a name", folder: "work", problem: "relative-path" },
    { what: "a path from the current folder", folder: "./work", problem: "relative-path" },
    { what: "a tilde", folder: "~/work", problem: "relative-path" },
    { what: "a drive on Linux", folder: "C:\\work", problem: "relative-path" },
    { what: "a Unix path on Windows", folder: "/work", platform: "win32", problem: "relative-path" },
    { what: "a drive's current folder", folder: "C:work", platform: "win32", problem: "relative-path" },
    { what: "only a server", folder: "\\\\host", platform: "win32", problem: "relative-path" },
    { what: "a device", folder: "\\\\?\\C:\\work", platform: "win32", problem: "relative-path" },
    { what: "another device", folder: "\\\\.\\pipe\\x", platform: "win32", problem: "relative-path" },
    { what: "the root", folder: "/", problem: "root-refused" },
    { what: "a drive's root", folder: "C:\\", platform: "win32", problem: "root-refused" },
    { what: "a share's root", folder: "\\\\host\\share\\", platform: "win32", problem: "root-refused" },
    {
      what: "a share's root without a separator",
      folder: "//host/share",
      platform: "win32",
      problem: "root-refused",
    },
    { what: "a parent", folder: "/work/../etc", problem: "dot-segment" },
    { what: "a parent at the end", folder: "/work/..", problem: "dot-segment" },
    { what: "a parent at the front", folder: "/../etc", problem: "dot-segment" },
    { what: "a dot", folder: "/work/./repo", problem: "dot-segment" },
    { what: "a dot at the end", folder: "/work/.", problem: "dot-segment" },
    { what: "a parent on Windows", folder: "C:\\work\\..\\x", platform: "win32", problem: "dot-segment" },
    { what: "a parent after a slash", folder: "C:\\work/../x", platform: "win32", problem: "dot-segment" },
    { what: "two slashes", folder: "/work//repo", problem: "not-normalized" },
    { what: "two slashes at the start", folder: "//work", problem: "not-normalized" },
    { what: "a slash at the end", folder: "/work/", problem: "not-normalized" },
    {
      what: "a name that ends with a dot",
      folder: "C:\\Users\\Ada.",
      platform: "win32",
      problem: "not-normalized",
    },
    {
      what: "a name that ends with a space",
      folder: "C:\\Users \\x",
      platform: "win32",
      problem: "not-normalized",
    },
    { what: "a stream", folder: "C:\\work\\a:b", platform: "win32", problem: "not-normalized" },
    { what: "home", folder: "/home/ada", problem: "home-refused" },
    { what: "home with links followed", folder: "/data/homes/ada", problem: "home-refused" },
    { what: "above home", folder: "/home", problem: "home-refused" },
    { what: "home in other case", folder: "/users/ada", platform: "darwin", problem: "home-refused" },
    { what: "home in capitals", folder: "c:\\USERS\\ada", platform: "win32", problem: "home-refused" },
    { what: "home with slashes", folder: "C:/Users/Ada", platform: "win32", problem: "home-refused" },
    { what: "NUL", folder: "/work/a\0b", problem: "control-character" },
    { what: "a line break", folder: "/work/a\nb", problem: "control-character" },
    { what: "an escape", folder: "/work/\u001b[2J", problem: "control-character" },
    { what: "DEL", folder: "/work/\u007f", problem: "control-character" },
    { what: "a C1 control", folder: "/work/\u009b2J", problem: "control-character" },
    { what: "a line separator", folder: "/work/\u2028", problem: "control-character" },
    { what: "half of a surrogate pair", folder: "/work/\ud83d", problem: "ill-formed-text" },
    { what: "a reversed surrogate pair", folder: "/work/\udc69\ud83d", problem: "ill-formed-text" },
    { what: "too many bytes", folder: `/${"x".repeat(limits.folderBytes)}`, problem: "folder-too-long" },
    {
      what: "too many bytes, but not too many letters",
      folder: `/${"ö".repeat(2048)}`,
      problem: "folder-too-long",
    },
  ])("that is $what: $problem", (row) => expect(problemOf(row)).toBe(row.problem));
});

describe("spellings", () => {
  test.each<{ path: string; platform: Platform; trimmed: string }>([
    { path: "/work/", platform: "linux", trimmed: "/work" },
    { path: "/work///", platform: "linux", trimmed: "/work" },
    { path: "/", platform: "linux", trimmed: "/" },
    { path: "///", platform: "linux", trimmed: "/" },
    { path: "/work\\", platform: "linux", trimmed: "/work\\" },
    { path: "C:\\work\\", platform: "win32", trimmed: "C:\\work" },
    { path: "C:\\", platform: "win32", trimmed: "C:\\" },
    { path: "\\\\host\\share\\x/", platform: "win32", trimmed: "\\\\host\\share\\x" },
  ])("the separators at the end of $path are removed", ({ path, platform, trimmed }) => {
    expect(withoutTrailingSeparators(path, platform)).toBe(trimmed);
  });

  test("C:\\Work\\ and c:/work are one folder on Windows, but /Work and /work are two on other systems", () => {
    expect(comparable("C:\\Work\\", "win32")).toBe(comparable("c:/work", "win32"));
    expect(comparable("/Work", "linux")).not.toBe(comparable("/work", "linux"));
    expect(comparable("/Work", "darwin")).not.toBe(comparable("/work", "darwin"));
  });
});
