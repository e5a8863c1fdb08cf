import { describe, expect, test } from "vitest";
import { type FileIn, checkFiles, filesInLimits } from "./files-in.ts";

const file = (path: string, mode = 0o600): FileIn => ({ kind: "file", path, mode, content: "" });
const link = (path: string, target: string): FileIn => ({ kind: "link", path, target });
const large = (size: number): FileIn => ({
  kind: "file",
  path: "big",
  mode: 0o600,
  content: { source: "/big", size, mtimeMs: 0 },
});
const many = (count: number) => Array.from({ length: count }, (_, at) => file(`f${at}`));

const check = (entries: readonly FileIn[], whole: readonly string[] = []): string | null => {
  const checked = checkFiles({ whole, entries });
  return checked.ok ? null : checked.error.message;
};

describe("checkFiles", () => {
  test.for<[string, readonly FileIn[], readonly string[]]>([
    ["a file, a program and a folder", [file("a"), file("bin/b", 0o700), { kind: "folder", path: "c" }], []],
    [
      "a name with spaces, dots and letters of other scripts",
      [file("..a/ b ü/c..d/..."), file(".endless"), file("a/.end")],
      [],
    ],
    ["a link to a folder next to its own", [link("home/.claude/skills", "../../in/skills")], []],
    ["a repeated folder with files in it", [{ kind: "folder", path: "a" }, file("a/b"), file("a/c")], ["a"]],
    ["the maximum of files and bytes", [...many(filesInLimits.entries - 1), large(filesInLimits.bytes)], []],
  ])("accepts %s", ([, entries, whole]) => expect(check(entries, whole)).toBeNull());

  test.for<[string, readonly FileIn[], readonly string[], RegExp]>([
    ["a path upwards", [file("../a")], [], /"\.\.\/a" is not a valid path/],
    ["a path upwards inside", [file("a/../../b")], [], /not a valid path/],
    ["an absolute path", [file("/etc/passwd")], [], /not a valid path/],
    ["an empty path", [file("")], [], /not a valid path/],
    ["an empty name", [file("a//b")], [], /not a valid path/],
    ["the folder itself", [file(".")], [], /not a valid path/],
    ["a runtime's own list", [file(".moves")], [], /not a valid path/],
    ["a runtime's own folder", [file(".new-1/a")], [], /not a valid path/],
    ["a line break in a name", [file("a\nf b")], [], /not a valid path/],
    ["a zero byte", [file("a\0b")], [], /not a valid path/],
    ["a name that is not UTF-8", [file("a\ufffd")], [], /not a valid path/],
    ["a path that is too long", [file("a".repeat(filesInLimits.path + 1))], [], /not a valid path/],
    ["a whole folder outside", [], [".."], /not a valid path/],
    ["an absolute link", [link("a", "/etc")], [], /link a leads out/],
    ["a link to nothing", [link("a", "")], [], /link a leads out/],
    ["a link upwards", [link("a/b", "../../etc")], [], /link a\/b leads out/],
    ["a link to the folder itself", [link("a/b", "..")], [], /leads out/],
    ["a file that others may read", [file("a", 0o644)], [], /must have mode/],
    ["a file that runs as its owner", [file("a", 0o4700)], [], /must have mode/],
    ["a repeated file", [file("a"), file("a")], [], /listed twice/],
    ["a file in the place of a folder", [file("a"), file("a/b")], [], /as a file and as a folder/],
    ["a link in the place of a folder", [link("a", "b"), file("a/b")], [], /as a file and as a folder/],
    ["one file too many", many(filesInLimits.entries + 1), [], /10001 files are to be placed/],
    ["one byte too many", [large(filesInLimits.bytes + 1)], [], /67108865 bytes/],
  ])("refuses %s", ([, entries, whole, says]) => expect(check(entries, whole)).toMatch(says));
});
